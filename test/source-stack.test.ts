import { rmSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listStacks } from '../src/stack/remove.ts';
import { makeFakeCheckout } from '../src/stack/source/testing/fake-checkout.ts';
import type { Stack } from '../src/stack/stack.ts';
import { startStack } from '../src/stack/stacks.ts';
import { readState } from '../src/stack/state.ts';
import { ask, queryClickHouse } from './support/stack.ts';

/*
 * The stack of a checkout with a web and a worker that only look like Langfuse's: what is ours of it is shown without a real one.
 */
let directory: string;
let stack: Stack;
const said: string[] = [];

beforeAll(async () => {
  directory = makeFakeCheckout();
  stack = await startStack({ spec: { kind: 'source', directory }, onProgress: (text) => said.push(text) });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

async function queryPostgres(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: stack.access.postgres.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const applied = async () => ({
  postgres: await queryPostgres(
    'SELECT migration_name AS name, applied_steps_count AS steps, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY started_at',
  ),
  clickhouse: await queryClickHouse(
    stack,
    'SELECT version, dirty FROM schema_migrations ORDER BY sequence FORMAT TSV',
  ),
});

const allApplied = {
  postgres: [
    { name: '20230518_init', steps: 1, finished: true },
    { name: '20230602_add index copy', steps: 1, finished: true },
  ],
  clickhouse: '1\t1\n1\t0\n2\t1\n2\t0',
};

test('every migration is applied once, in order, and written down where Langfuse’s own tools look', async () => {
  expect(await applied()).toEqual(allApplied);
  expect(said).toContain('migrations applied: 2 of Postgres, 2 of ClickHouse');
  expect(
    await queryClickHouse(
      stack,
      "SELECT name FROM system.columns WHERE table = 'traces' ORDER BY name FORMAT TSV",
    ),
  ).toBe('id\nname');
});

test('the project and its key are made and taken; versions are told', async () => {
  expect(await ask(stack, '/api/public/projects')).toEqual({
    status: 200,
    body: JSON.stringify({ data: [{ id: stack.target.projectId }] }),
  });
  expect(stack.spec).toEqual({ kind: 'source', directory });
  expect(stack.versions).toMatchObject({
    langfuse: '3.36.0',
    web: '3.36.0',
    "langfuse's node": process.versions.node,
  });
});

test('its processes find ClickHouse by its name, by our DNS server', async () => {
  const name = stack.dns.nameOf('clickhouse');
  expect((await ask(stack, '/reach-clickhouse')).body).toBe('{"statusCode":200}');
  await stack.dns.setFault('web', name, { kind: 'nxdomain' });
  expect((await ask(stack, '/reach-clickhouse')).body).toBe('{"code":"ENOTFOUND"}');
  await stack.dns.clearFault('web', name);
  expect((await ask(stack, '/reach-clickhouse')).status).toBe(200);
});

test('killed and started again, a web applies nothing anew and has the same key', async () => {
  const web = stack.component('web');
  await web.kill();
  expect(await web.state()).toBe('exited');
  await web.start();
  expect((await ask(stack, '/api/public/projects')).status).toBe(200);
  expect(await applied()).toEqual(allApplied);
});

test('a web that is started while a name does not resolve ends, as in a container, and comes up when it does', async () => {
  const web = stack.component('web');
  const name = stack.dns.nameOf('clickhouse');
  await web.stop();
  await stack.dns.setFault('web', name, { kind: 'nxdomain' });
  await expect(web.start()).rejects.toThrow(
    `Web did not start: the migrations of ClickHouse failed: getaddrinfo ENOTFOUND ${name}`,
  );
  await stack.dns.clearFault('web', name);
  await web.start();
  expect(await web.answers()).toBe(true);
});

test('the worker is paused and killed as any process', async () => {
  const worker = stack.component('worker');
  await worker.pause();
  expect(await worker.state()).toBe('paused');
  await worker.resume();
  await worker.kill();
  await worker.start();
  expect(await worker.answers()).toBe(true);
});

/** The stacks that this process has started; other processes of this machine may have theirs. */
async function ownStacks(): Promise<string[]> {
  const folders = (await listStacks()).map(({ folder }) => folder);
  return folders.filter((folder) => readState(folder).owner.pid === process.pid);
}

test.each([
  ['whose web was built of another version', { builtVersion: '3.35.0' }, 'says that it is 3.35.0'],
  [
    'with a migration that ClickHouse refuses',
    { files: { 'packages/shared/clickhouse/migrations/unclustered/0003_x.up.sql': 'CREATE TABEL x' } },
    'ClickHouse refused the migration 0003_x.up.sql of the Langfuse checkout: Syntax error',
  ],
  [
    'with a migration that Postgres refuses',
    { files: { 'packages/shared/prisma/migrations/20990101_x/migration.sql': 'CREATE TABEL x' } },
    'Postgres refused the migration 20990101_x of the Langfuse checkout: syntax error at or near "TABEL"',
  ],
])('a checkout %s is refused, and nothing is left', async (_, options, message) => {
  const other = makeFakeCheckout(options);
  try {
    await expect(startStack({ spec: { kind: 'source', directory: other } })).rejects.toThrow(message);
    expect(await ownStacks()).toEqual([stack.folder]);
  } finally {
    rmSync(other, { recursive: true });
  }
});
