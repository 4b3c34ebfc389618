import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChaosError } from '../../base/errors.ts';

/** A built checkout of langfuse/langfuse, and where what the stack needs of it lies. */
export interface Checkout {
  /** Its root folder, absolute. */
  readonly directory: string;
  /** Of its package.json, for example `3.36.0`. */
  readonly version: string;
  /** The major version of Node that it names, in `engines` or `.nvmrc`; undefined where it names none. */
  readonly nodeMajor: number | undefined;
  /** Arguments for Node that start the web process; it listens on PORT of HOSTNAME. */
  readonly webArgs: readonly string[];
  /** The same for the worker. */
  readonly workerArgs: readonly string[];
  /** Folder with a folder for each migration of Postgres, a `migration.sql` in it. */
  readonly postgresMigrations: string;
  /** Folder with the migrations of a ClickHouse that is no cluster, `NNNN_<name>.up.sql`. */
  readonly clickhouseMigrations: string;
  /**
   * Whether Prisma runs its engine that is no JavaScript (`libquery_engine-….node`). It asks the system's resolver itself, so that it
   * can't be shown a name that only our DNS server knows.
   */
  readonly hasPrismaEngine: boolean;
}

/** Where each part lies, from v3.36.0 to v4.16.0 (web/Dockerfile, worker/Dockerfile, packages/shared/clickhouse/scripts/up.sh). */
const STANDALONE = 'web/.next/standalone/web/server.js';
const BUILD = 'web/.next/BUILD_ID';
const NEXT = 'web/node_modules/next/dist/bin/next';
const WORKER = 'worker/dist/index.js';
const SHARED = 'packages/shared/dist/src/index.js';
const POSTGRES = 'packages/shared/prisma/migrations';
const CLICKHOUSE = 'packages/shared/clickhouse/migrations/unclustered';
/** Where pnpm puts the generated Prisma client, and where npm would. */
const PRISMA_ENGINES = [
  'node_modules/.pnpm/@prisma+client*/node_modules/.prisma/client/*query_engine-*',
  'node_modules/.prisma/client/*query_engine-*',
];

/**
 * Looks at a checkout. Nothing of it is run.
 *
 * @param directory its root folder, absolute
 * @throws ChaosError `E_CHECKOUT` when it is none, or something in it is not built; all that is missing is named
 */
export function readCheckout(directory: string): Checkout {
  const at = (path: string) => join(directory, path);
  const version = versionIn(directory);
  const isStandalone = existsSync(at(STANDALONE));
  const required: readonly (readonly [path: string, what: string])[] = [
    [POSTGRES, 'the migrations of Postgres'],
    [CLICKHOUSE, 'the migrations of ClickHouse'],
    ['node_modules', 'the dependencies'],
    [SHARED, 'the build of packages/shared'],
    [WORKER, 'the build of the worker'],
    ...(isStandalone
      ? []
      : ([
          [BUILD, 'the build of the web'],
          [NEXT, 'Next, which starts the web'],
        ] as const)),
  ];
  const missing = required.filter(([path]) => !existsSync(at(path)));
  if (missing.length > 0) {
    throw new ChaosError({
      code: 'E_CHECKOUT',
      happened: `The Langfuse ${version} in ${directory} is not complete: ${missing.map(([path, what]) => `${what} (${path})`).join(', ')} ${missing.length > 1 ? 'are' : 'is'} not there.`,
      expected:
        'a checkout of langfuse/langfuse whose dependencies are installed and whose web and worker are built',
      remedy: `install and build it as its own ${at('CONTRIBUTING.md')} says, and run again.`,
    });
  }
  return {
    directory,
    version,
    nodeMajor: nodeMajorOf(directory),
    webArgs: isStandalone ? [at(STANDALONE)] : [at(NEXT), 'start', at('web')],
    workerArgs: [at(WORKER)],
    postgresMigrations: at(POSTGRES),
    clickhouseMigrations: at(CLICKHOUSE),
    hasPrismaEngine: globSync(PRISMA_ENGINES, { cwd: directory }).length > 0,
  };
}

function versionIn(directory: string): string {
  const { name, version } = manifestOf(directory);
  if (name === 'langfuse' && version && /^\d+\.\d+\.\d+/.test(version)) return version;
  throw new ChaosError({
    code: 'E_CHECKOUT',
    happened:
      name === 'langfuse'
        ? `The Langfuse in ${directory} does not say its version: "${version ?? ''}".`
        : `${directory} is no checkout of Langfuse.`,
    expected: 'the root folder of a checkout of langfuse/langfuse, with its package.json',
    remedy: 'name that folder.',
  });
}

/** "20", ">=20" and "v24.6.0" all name one major version, and Langfuse never named a range. */
function nodeMajorOf(directory: string): number | undefined {
  const named = [manifestOf(directory).engines?.node, textOf(join(directory, '.nvmrc'))];
  const major = named.map((text) => /\d+/.exec(text ?? '')?.[0]).find((text) => text !== undefined);
  return major === undefined ? undefined : Number(major);
}

function manifestOf(directory: string): { name?: string; version?: string; engines?: { node?: string } } {
  try {
    return JSON.parse(textOf(join(directory, 'package.json')) ?? '{}');
  } catch {
    return {}; // no package.json that npm would read either
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
