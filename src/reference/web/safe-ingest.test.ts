import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readWebEnv } from '../env.ts';
import { PostgresError } from '../errors.ts';
import type { JobToAdd } from '../safe-queue.ts';
import { SafeIngester, type SafeIngesterParts } from './safe-ingest.ts';

const env = readWebEnv({
  DATABASE_URL: 'postgresql://localhost/x',
  CLICKHOUSE_URL: 'http://localhost:8123',
  CLICKHOUSE_USER: 'u',
  CLICKHOUSE_PASSWORD: 'p',
  LANGFUSE_S3_EVENT_UPLOAD_BUCKET: 'b',
  SALT: 's',
});
const scope = {
  projectId: 'p',
  accessLevel: 'all',
  orgId: 'o',
  plan: 'oss',
  rateLimitOverrides: [],
} as const;
const trace = (id: string, body: object = { id }, type = 'trace-create') => ({
  id: `event-${id}`,
  type,
  timestamp: '2025-03-10T09:00:00.000Z',
  body,
});

function setUp(parts: Partial<SafeIngesterParts> = {}) {
  const stored: string[] = [];
  const queued: JobToAdd[] = [];
  const ingester = new SafeIngester({
    env,
    log: { info: () => {}, error: () => {} } as never,
    store: { putConfirmed: async (key) => void stored.push(key) },
    queue: { add: async (jobs) => void queued.push(...jobs) },
    postgres: { query: async () => [] } as never,
    ...parts,
  });
  return { ingester, stored, queued };
}

describe('taking a batch in', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('each entity has an object and a job of the same name, and the same event again has others', async () => {
    const { ingester, stored, queued } = setUp();
    await ingester.ingest([trace('a/b')], scope, 0);
    await ingester.ingest([trace('a/b')], scope, 0);
    expect(new Set(stored).size).toBe(2);
    expect(stored).toEqual(queued.map(({ object }) => `p/trace/a%2Fb/${object}.json`));
    expect(queued.map(({ entityId }) => entityId)).toEqual(['a/b', 'a/b']);
  });

  test('what could not be stored is refused by itself', async () => {
    const { ingester, queued } = setUp();
    const result = await ingester.ingest(
      [trace('1'), trace('2', {}), trace('3', { id: '3', name: '\ud800' })],
      scope,
    );
    expect(result.successes.map(({ id }) => id)).toEqual(['event-1']);
    expect(result.errors.map(({ id, status }) => [id, status])).toEqual([
      ['event-2', 400],
      ['event-3', 400],
    ]);
    expect(queued).toHaveLength(1);
  });

  test('a score whose config does not exist is refused', async () => {
    const { ingester } = setUp();
    const body = { id: 's', traceId: 't', name: 'n', value: 1, configId: 'none' };
    const result = await ingester.ingest([trace('s', body, 'score-create')], scope);
    expect(result.errors).toMatchObject([{ status: 400, error: expect.stringContaining('configId') }]);
  });

  test('503 when S3 fails, and no job', async () => {
    const { ingester, queued } = setUp({ store: { putConfirmed: () => Promise.reject(new Error('no S3')) } });
    await expect(ingester.ingest([trace('1')], scope)).rejects.toMatchObject({
      status: 503,
      message: 'no S3',
    });
    expect(queued).toEqual([]);
  });

  test('503 when Redis does not take the jobs, for example because it is full', async () => {
    const { ingester } = setUp({
      queue: { add: () => Promise.reject(new Error('OOM command not allowed')) },
    });
    await expect(ingester.ingest([trace('1')], scope)).rejects.toMatchObject({ status: 503 });
  });

  test('503 when Postgres can not be asked about a score', async () => {
    const query = () => Promise.reject(new PostgresError('gone'));
    const { ingester } = setUp({ postgres: { query } as never });
    const body = { id: 's', traceId: 't', name: 'n', value: 1, configId: 'c' };
    await expect(ingester.ingest([trace('s', body, 'score-create')], scope)).rejects.toMatchObject({
      status: 503,
    });
  });

  test('503 when it takes too long', async () => {
    const { ingester } = setUp({ store: { putConfirmed: () => new Promise(() => {}) } });
    const answer = expect(ingester.ingest([trace('1')], scope)).rejects.toMatchObject({ status: 503 });
    await vi.advanceTimersByTimeAsync(10_000);
    await answer;
  });
});
