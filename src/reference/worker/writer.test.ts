import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClickHouseWriter } from './writer.ts';

const INTERVAL = 1000;
/** Lets the promises of a flush run. */
const settle = () => vi.advanceTimersByTimeAsync(0);
const interval = () => vi.advanceTimersByTimeAsync(INTERVAL);

function setUp(settings: { batchSize?: number; maxAttempts?: number } = {}) {
  const inserts: [table: string, rows: readonly object[]][] = [];
  const errors: string[] = [];
  let outcome: () => Promise<void> = async () => {};
  const writer = new ClickHouseWriter(
    (table, rows) => {
      inserts.push([table, rows]);
      return outcome();
    },
    { batchSize: 10_000, intervalMs: INTERVAL, maxAttempts: 3, ...settings },
    { info: () => {}, error: (_fields, message) => errors.push(message) },
  );
  writer.start();
  return {
    writer,
    inserts,
    errors,
    answer: (next: () => Promise<void>) => {
      outcome = next;
    },
  };
}
const refused = () => Promise.reject(new Error('refused'));

describe('the writer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('inserts what is buffered once an interval, a table at a time', async () => {
    const { writer, inserts } = setUp();
    writer.add('traces', { id: 1 });
    writer.add('scores', { id: 2 });
    writer.add('traces', { id: 3 });
    await settle();
    expect(inserts).toEqual([]);
    await interval();
    expect(inserts).toEqual([
      ['traces', [{ id: 1 }, { id: 3 }]],
      ['scores', [{ id: 2 }]],
    ]);
    await interval();
    expect(inserts).toHaveLength(2);
  });

  test('tries a row three times, then drops it with a line in the log', async () => {
    const { writer, inserts, errors, answer } = setUp();
    answer(refused);
    writer.add('traces', { id: 1 });
    for (let count = 0; count < 5; count += 1) await interval();
    expect(inserts).toHaveLength(3);
    expect(writer.buffered('traces')).toBe(0);
    expect(errors).toEqual([
      'ClickhouseWriter.flush traces',
      'ClickhouseWriter.flush traces',
      'ClickhouseWriter.flush traces',
      'Max attempts reached for traces record. Dropping record [object Object].',
    ]);
  });

  test('puts rows that failed at the end', async () => {
    const { writer, inserts, answer } = setUp({ batchSize: 3 });
    let fail: ((error: Error) => void) | undefined;
    answer(() => new Promise((_resolve, reject) => (fail = reject)));
    writer.add('traces', { id: 'old' });
    await interval();
    writer.add('traces', { id: 'new' });
    answer(async () => {});
    fail?.(new Error('refused'));
    await settle();
    await interval();
    expect(inserts[1]).toEqual(['traces', [{ id: 'new' }, { id: 'old' }]]);
  });

  test('flushes at once when a buffer reaches the batch size, and no more than that', async () => {
    const { writer, inserts, answer } = setUp({ batchSize: 2 });
    answer(() => new Promise(() => {}));
    for (const id of [1, 2, 3, 4, 5]) writer.add('observations', { id });
    expect(inserts).toEqual([
      ['observations', [{ id: 1 }, { id: 2 }]],
      ['observations', [{ id: 3 }, { id: 4 }]],
    ]);
    await interval();
    expect(inserts[2]).toEqual(['observations', [{ id: 5 }]]);
  });

  test('flushes on each further row while failed rows keep a buffer over the batch size', async () => {
    const { writer, inserts, answer } = setUp({ batchSize: 2 });
    answer(refused);
    writer.add('traces', { id: 1 });
    writer.add('traces', { id: 2 });
    await settle();
    writer.add('traces', { id: 3 });
    expect(inserts.map(([, rows]) => rows.length)).toEqual([2, 2]);
  });

  test('leaves an interval out while a flush is under way', async () => {
    const { writer, inserts, answer } = setUp();
    let done: (() => void) | undefined;
    answer(() => new Promise((resolve) => (done = resolve)));
    writer.add('traces', { id: 1 });
    await interval();
    writer.add('traces', { id: 2 });
    await interval();
    expect(inserts).toHaveLength(1);
    done?.();
    await settle();
    await interval();
    expect(inserts).toHaveLength(2);
  });

  test('inserts everything once at shutdown, and loses it if that fails', async () => {
    const { writer, inserts, errors, answer } = setUp({ batchSize: 2 });
    answer(refused);
    writer.add('traces', { id: 1 });
    await writer.shutdown();
    await interval();
    expect(inserts).toHaveLength(1);
    expect(writer.buffered('traces')).toBe(1);
    expect(errors).toEqual(['ClickhouseWriter.flush traces']);
  });
});
