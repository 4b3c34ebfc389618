import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ChaosError } from '../../base/errors.ts';
import type { Checkout } from './checkout.ts';

/** A Node that runs a checkout. */
export interface NodeProgram {
  readonly path: string;
  /** For example `20.20.2`. */
  readonly version: string;
}

/** A variable of the environment that names the Node to use, whatever the checkout says. */
export const NODE_VARIABLE = 'LANGFUSE_NODE';

/**
 * The Node that runs a checkout: that of LANGFUSE_NODE; else the first of the major version that the checkout names among the one that
 * runs us, those of PATH and those of nvm.
 *
 * @param env its PATH, LANGFUSE_NODE and NVM_DIR are read
 * @throws ChaosError `E_CHECKOUT_NODE` when there is none
 */
export function nodeFor(
  { nodeMajor, version, directory }: Pick<Checkout, 'nodeMajor' | 'version' | 'directory'>,
  env: NodeJS.ProcessEnv = process.env,
): NodeProgram {
  const named = env[NODE_VARIABLE];
  if (named) {
    const found = programAt(named);
    if (found) return found;
    throw new ChaosError({
      code: 'E_CHECKOUT_NODE',
      happened: `${NODE_VARIABLE} names ${named}, which is no Node that runs.`,
      remedy: 'correct it, or unset it.',
    });
  }
  const seen: NodeProgram[] = [];
  for (const path of candidates(env, nodeMajor)) {
    const found = programAt(path);
    if (!found) continue;
    if (nodeMajor === undefined || majorOf(found.version) === nodeMajor) return found;
    seen.push(found);
  }
  throw new ChaosError({
    code: 'E_CHECKOUT_NODE',
    happened: `The Langfuse ${version} in ${directory} runs on Node ${nodeMajor}, of which none was found.`,
    expected: `Node ${nodeMajor}; found were ${seen.map((each) => `${each.version} (${each.path})`).join(', ')}`,
    remedy: `install Node ${nodeMajor}, with nvm for example, or name one by ${NODE_VARIABLE}, and run again.`,
  });
}

function* candidates(env: NodeJS.ProcessEnv, major: number | undefined): Generator<string> {
  yield process.execPath;
  for (const folder of new Set((env.PATH ?? '').split(delimiter))) if (folder) yield join(folder, 'node');
  const nvm = env.NVM_DIR || join(env.HOME ?? homedir(), '.nvm');
  yield* globSync(`versions/node/v${major ?? '*'}.*/bin/node`, { cwd: nvm })
    .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))
    .map((path) => join(nvm, path));
}

function programAt(path: string): NodeProgram | undefined {
  if (path === process.execPath) return { path, version: process.versions.node };
  try {
    // Without our own NODE_OPTIONS, which an older one may refuse.
    const said = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const version = /^v(\d+\.\d+\.\d+)/.exec(said)?.[1];
    return version === undefined ? undefined : { path, version };
  } catch {
    return undefined; // not there, or it can't be run
  }
}

const majorOf = (version: string) => Number(version.split('.')[0]);
