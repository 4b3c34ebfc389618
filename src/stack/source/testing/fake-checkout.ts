import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What of a fake checkout can be other than it is. */
export interface FakeCheckoutOptions {
  /** What its web says that it is; as its package.json unless told. */
  readonly builtVersion?: string;
  /** Files on top of its own, or in place of them: path → content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files that it lacks. */
  readonly without?: readonly string[];
}

const VERSION = '3.36.0';

/**
 * A folder in the layout of a built Langfuse checkout, with a web and a worker that do just enough to be taken for it: they are asked for
 * their health, the web makes its project's key and takes it, and tells whether it reaches ClickHouse. Two migrations for each store.
 *
 * @returns the folder; the caller removes it
 */
export function makeFakeCheckout({
  builtVersion = VERSION,
  files = {},
  without = [],
}: FakeCheckoutOptions = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'langfuse-checkout-'));
  for (const [path, content] of Object.entries({ ...filesOf(builtVersion), ...files })) {
    if (without.includes(path)) continue;
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

function filesOf(builtVersion: string): Record<string, string> {
  const major = process.versions.node.split('.')[0];
  return {
    'package.json': JSON.stringify({ name: 'langfuse', version: VERSION, engines: { node: major } }),
    'node_modules/.modules.yaml': '',
    'packages/shared/dist/src/index.js': '',
    'packages/shared/prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
    'packages/shared/prisma/migrations/20230518_init/migration.sql':
      'CREATE TABLE projects (id text PRIMARY KEY);\nCREATE TABLE api_keys (public_key text PRIMARY KEY, secret_key text, project_id text);',
    // Alone, because it can't be in a transaction; with a space, as two of Langfuse's have.
    'packages/shared/prisma/migrations/20230602_add index copy/migration.sql':
      'CREATE INDEX CONCURRENTLY by_project ON api_keys (project_id);',
    'packages/shared/clickhouse/migrations/unclustered/0001_traces.up.sql':
      'CREATE TABLE traces (id String) ENGINE = MergeTree ORDER BY id;',
    'packages/shared/clickhouse/migrations/unclustered/0001_traces.down.sql': 'DROP TABLE traces;',
    'packages/shared/clickhouse/migrations/unclustered/0002_scores.up.sql':
      'CREATE TABLE scores (id String) ENGINE = MergeTree ORDER BY id;\n-- and a column\nALTER TABLE traces ADD COLUMN name String;\n',
    'web/.next/standalone/web/server.js': WEB.replace('VERSION', builtVersion),
    'worker/dist/index.js': WORKER,
  };
}

const LIBRARY = fileURLToPath(import.meta.resolve('pg'));

const WEB = `
const http = require('node:http');
const answer = (response, status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const { LANGFUSE_INIT_PROJECT_ID: project, LANGFUSE_INIT_PROJECT_PUBLIC_KEY: key, LANGFUSE_INIT_PROJECT_SECRET_KEY: secret } = process.env;
(async () => {
  const { default: pg } = await import(${JSON.stringify(LIBRARY)});
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query('INSERT INTO projects VALUES ($1) ON CONFLICT DO NOTHING', [project]);
  await client.query('INSERT INTO api_keys VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [key, secret, project]);
  await client.end();
  const basic = 'Basic ' + Buffer.from(key + ':' + secret).toString('base64');
  http.createServer((request, response) => {
    if (request.url === '/api/public/health') return answer(response, 200, { status: 'OK', version: 'VERSION' });
    if (request.url === '/api/public/projects') return request.headers.authorization === basic ? answer(response, 200, { data: [{ id: project }] }) : answer(response, 401, {});
    if (request.url === '/reach-clickhouse')
      return http.get(process.env.CLICKHOUSE_URL + '/ping', { agent: false }, ({ statusCode }) => answer(response, 200, { statusCode })).on('error', ({ code }) => answer(response, 500, { code }));
    answer(response, 404, {});
  }).listen(process.env.PORT, process.env.HOSTNAME);
})();
`;

const WORKER = `
require('node:http').createServer((request, response) => response.end('{"status":"ok"}')).listen(process.env.PORT, process.env.HOSTNAME);
`;
