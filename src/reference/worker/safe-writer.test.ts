import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Table } from '../tables.ts';
import { type FailureKind, SafeWriter, type Unit } from './safe-writer.ts';

const INTERVAL = 100;
const interval = () => vi.advanceTimersByTimeAsync(INTERVAL);

class Failure extends Error {
  readonly kind: FailureKind;
  constructor(kind: FailureKind) {
    super(kind);
    this.kind = kind;
  }
}

/** @param answer what an insert does, by the ids of its rows */
function setUp(answer: (ids: number[], table: Table) => FailureKind | undefined = () => undefined) {
  const inserts: [table: Table, ids: number[]][] = [];
  const ending = new AbortController();
  const writer = new SafeWriter(
    { batchSize: 100, intervalMs: INTERVAL, enough: 50 },
    {
      insert: async (table, rows) => {
        const ids = rows.map((row) => (row as { id: number }).id);
        inserts.push([table, ids]);
        const failure = answer(ids, table);
        if (failure) throw new Failure(failure);
      },
      kindOf: (error) => (error as Failure).kind,
      log: { info: () => {}, error: () => {} },
      signal: ending.signal,
    },
  );
  const confirmed: number[] = [];
  const rejected: [id: number, message: string][] = [];
  const write = (id: number) => {
    void writer.write(unit(id)).then(
      () => confirmed.push(id),
      (error: Error) => rejected.push([id, error.message]),
    );
  };
  return { inserts, ending, write, confirmed, rejected };
}

const unit = (id: number): Unit => ({ rows: [{ table: 'traces', row: { id } }], ledger: [{ id }] });

describe('the safe writer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('confirms when the rows are stored and, after them, the ledger', async () => {
    const { inserts, write, confirmed } = setUp();
    write(1);
    write(2);
    expect(inserts).toEqual([]);
    await interval();
    expect(inserts).toEqual([
      ['traces', [1, 2]],
      ['event_log', [1, 2]],
    ]);
    expect(confirmed).toEqual([1, 2]);
  });

  test('does not confirm what only the ledger lacks', async () => {
    const { write, confirmed, rejected } = setUp((_ids, table) =>
      table === 'event_log' ? 'away' : undefined,
    );
    write(1);
    await interval();
    expect(confirmed).toEqual([]);
    expect(rejected).toEqual([[1, 'ClickHouse did not take the rows']]);
  });

  test('inserts before the interval is over when enough is there', async () => {
    const { write, confirmed } = setUp();
    for (let id = 0; id < 50; id += 1) write(id);
    await vi.advanceTimersByTimeAsync(INTERVAL / 2);
    expect(confirmed).toHaveLength(50);
  });

  test('gives back what ClickHouse did not take, at once, and takes it again', async () => {
    let isAway = true;
    const { write, confirmed, rejected } = setUp(() => (isAway ? 'away' : undefined));
    for (const id of [1, 2, 3]) write(id);
    await interval();
    expect(rejected.map(([id]) => id)).toEqual([1, 2, 3]);
    isAway = false;
    for (const id of [1, 2, 3]) write(id);
    await interval();
    expect(confirmed).toEqual([1, 2, 3]);
  });

  test('isolates poison: it is rejected alone, and all others land', async () => {
    const { write, confirmed, rejected } = setUp((ids) => (ids.includes(7) ? 'poison' : undefined));
    for (let id = 0; id < 20; id += 1) write(id);
    for (let count = 0; count < 5; count += 1) await interval();
    expect(rejected).toEqual([[7, 'poison']]);
    expect(confirmed).toHaveLength(19);
  });

  test('makes inserts smaller when ClickHouse refuses large ones', async () => {
    const { write, confirmed } = setUp((ids) => (ids.length > 3 ? 'answered' : undefined));
    for (let id = 0; id < 20; id += 1) write(id);
    await interval();
    expect(confirmed).toHaveLength(20);
  });

  test('one that is refused for another reason is given back alone', async () => {
    const { write, confirmed, rejected } = setUp((ids) => (ids.includes(1) ? 'answered' : undefined));
    for (const id of [1, 2, 3]) write(id);
    await interval();
    expect(confirmed).toEqual([2, 3]);
    expect(rejected).toEqual([[1, 'ClickHouse did not take the rows']]);
  });

  test('what is not confirmed at the end is rejected, for its job to be run again', async () => {
    const { ending, write, rejected } = setUp();
    write(1);
    ending.abort(new Error('told to end'));
    await vi.advanceTimersByTimeAsync(0);
    expect(rejected).toEqual([[1, 'told to end']]);
  });
});
