import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import type { StackState } from '../embedded/state.ts';
import { sourceWebPart, sourceWorkerPart } from './parts.ts';
import { makeFakeCheckout } from './testing/fake-checkout.ts';

const ENGINE =
  'node_modules/.pnpm/@prisma+client@6.3.0_x/node_modules/.prisma/client/libquery_engine-debian-openssl-3.0.x.so.node';
const plain = makeFakeCheckout();
const withEngine = makeFakeCheckout({ files: { [ENGINE]: '' } });
afterAll(() => {
  for (const directory of [plain, withEngine]) rmSync(directory, { recursive: true });
});

/** What the parts read of a state. */
const stateOf = (directory: string) =>
  ({
    spec: { kind: 'source', directory },
    ports: { web: 20_001, worker: 20_002, 'web→postgres': 20_003, 'worker→postgres': 20_004 },
    secrets: { postgresPassword: 'postgres-secret', redisPassword: 'redis-secret' },
    settings: { worker: { LANGFUSE_LOG_LEVEL: 'debug' } },
  }) as unknown as StackState;

test('the worker is started from its build, with the settings on top', async () => {
  const { command, args, env } = await sourceWorkerPart.launch('/stack', stateOf(plain));
  expect({ command, args }).toEqual({
    command: process.execPath,
    args: [`${plain}/worker/dist/index.js`],
  });
  expect(env).toMatchObject({ PORT: '20002', LANGFUSE_LOG_LEVEL: 'debug', NODE_ENV: 'production' });
  expect(Object.keys(env).filter((name) => name.startsWith('REFERENCE_'))).toEqual([]);
});

test('the web is started by way of the migrations; no secret is an argument', async () => {
  const { args } = await sourceWebPart.launch('/stack', stateOf(plain));
  expect(args.slice(1)).toEqual([
    `${plain}/packages/shared/prisma/migrations`,
    `${plain}/packages/shared/clickhouse/migrations/unclustered`,
    process.execPath,
    `${plain}/web/.next/standalone/web/server.js`,
  ]);
});

test("Postgres is found by its name, and by its link's address where Prisma's engine asks the system", async () => {
  const hostOf = async (directory: string) =>
    new URL((await sourceWebPart.launch('/stack', stateOf(directory))).env.DATABASE_URL ?? '').host;
  expect(await hostOf(plain)).toBe('postgres.chaos.test:20003');
  expect(await hostOf(withEngine)).toBe('127.0.0.1:20003');
});
