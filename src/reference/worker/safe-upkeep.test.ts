import type { Job } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { IngestionJob } from '../queues.ts';
import { LossWatch } from './safe-loss.ts';
import { retryFailed, Upkeep } from './safe-upkeep.ts';

describe('upkeep', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function setUp(sweep: () => Promise<number>) {
    let sign: string | undefined;
    const stop = new AbortController();
    const upkeep = new Upkeep({
      log: { info: () => {}, warn: () => {} } as never,
      scale: 1,
      watch: {
        lookAtRedis: async () => {
          const seen = sign;
          sign = undefined;
          return seen;
        },
        lookAtClickHouse: async () => undefined,
      },
      makeTables: async () => {},
      forget: () => {},
      sweep,
      failedJobs: { getFailed: async () => [] },
      signal: stop.signal,
    });
    void upkeep.run();
    return {
      stop,
      lose: () => {
        sign = 'lost';
      },
    };
  }

  test('sweeps at the start, at a sign of a loss, and every minute', async () => {
    const sweep = vi.fn(async () => 0);
    const { stop, lose } = setUp(sweep);
    await vi.advanceTimersByTimeAsync(2000);
    expect(sweep).toHaveBeenCalledTimes(1);
    lose();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sweep).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(sweep).toHaveBeenCalledTimes(3);
    stop.abort();
  });

  test('a sign that comes during a sweep asks for another', async () => {
    let end = (_added: number) => {};
    const sweep = vi.fn(() => new Promise<number>((resolve) => (end = resolve)));
    const { stop, lose } = setUp(sweep);
    await vi.advanceTimersByTimeAsync(1000);
    lose();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sweep).toHaveBeenCalledTimes(1);
    end(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sweep).toHaveBeenCalledTimes(2);
    stop.abort();
  });

  test('a sweep that fails is tried again', async () => {
    const sweep = vi.fn(async () => 0).mockRejectedValueOnce(new Error('no S3'));
    const { stop } = setUp(sweep);
    await vi.advanceTimersByTimeAsync(2000);
    expect(sweep).toHaveBeenCalledTimes(2);
    stop.abort();
  });
});

test('failed jobs rest before they are run again, longer each time', async () => {
  const retried: number[] = [];
  const failed = (id: number, restedMs: number, attemptsMade: number) =>
    ({
      finishedOn: 1_000_000 - restedMs,
      attemptsMade,
      opts: { attempts: 12 },
      retry: async () => void retried.push(id),
    }) as unknown as Job<IngestionJob>;
  const jobs = [failed(1, 11_000, 12), failed(2, 9000, 12), failed(3, 11_000, 13), failed(4, 21_000, 13)];
  await retryFailed({ getFailed: async () => jobs }, 1_000_000, 1);
  expect(retried).toEqual([1, 4]);
});

describe('signs of a loss', () => {
  function setUp() {
    const redis = { run_id: 'a', evicted_keys: '0', mark: null as string | null };
    let rows = '0';
    const watch = new LossWatch(
      {
        info: async () => `# Server\r\nrun_id:${redis.run_id}\r\nevicted_keys:${redis.evicted_keys}\r\n`,
        set: async () => {
          const before = redis.mark;
          redis.mark = '1';
          return before;
        },
      } as never,
      { query: async () => [{ rows }] as never[] },
    );
    return {
      redis,
      watch,
      setRows: (count: string) => {
        rows = count;
      },
    };
  }

  test('Redis: no mark, another process, evicted keys; each is told once', async () => {
    const { redis, watch } = setUp();
    expect(await watch.lookAtRedis()).toContain('lost');
    expect(await watch.lookAtRedis()).toBeUndefined();
    redis.mark = null;
    expect(await watch.lookAtRedis()).toContain('lost');
    redis.run_id = 'b';
    expect(await watch.lookAtRedis()).toContain('another process');
    redis.evicted_keys = '3';
    expect(await watch.lookAtRedis()).toContain('evicted');
    expect(await watch.lookAtRedis()).toBeUndefined();
  });

  test('ClickHouse: fewer rows than before', async () => {
    const { watch, setRows } = setUp();
    setRows('5');
    expect(await watch.lookAtClickHouse()).toBeUndefined();
    setRows('4');
    expect(await watch.lookAtClickHouse()).toContain('ClickHouse');
    expect(await watch.lookAtClickHouse()).toBeUndefined();
  });
});
