import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/base/wait-until.ts';
import { describeEventsOnly } from './cases/events-only.ts';
import { MERGES, type MergeCase } from './cases/merges.ts';
import { testOtlpColumns } from './cases/otlp-columns.ts';
import { testRawOtlpColumns } from './cases/otlp-raw-columns.ts';
import type { ChangeName } from './support/changes.ts';
import { event, observation, trace } from './support/events.ts';
import { ingest } from './support/http.ts';
import {
  deleteRow,
  dropped,
  insertRows,
  landed,
  objectsOf,
  openQueue,
  putObjects,
  rows,
  sql,
  untilLanded,
  untilRow,
} from './support/look.ts';
import { TAKES_TRACES, useStack } from './support/target.ts';

/* What the rows hold: the merge of events, the tables, and rows that ClickHouse can't read. worker/src and packages/shared/clickhouse. */

// A row that can't be read is dropped after three intervals.
const stack = useStack({ worker: { LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '250' } });

/** Sends events in one request, and waits until their jobs are done and what came before is written. */
async function process(...events: readonly object[]): Promise<void> {
  const marks = [
    trace(),
    observation('span-create'),
    event('score-create', { id: randomUUID(), name: 'mark', traceId: 't', value: 1 }),
  ];
  expect(await ingest(stack.current, events)).toMatchObject({ status: 207, json: { errors: [] } });
  await using jobs = openQueue(stack.current);
  await jobs.untilIdle();
  expect(await ingest(stack.current, marks)).toMatchObject({ status: 207, json: { errors: [] } });
  const [traceMark, observationMark, scoreMark] = marks.map(({ body }) => body.id);
  await untilLanded(stack.current, 'traces', [traceMark ?? '']);
  await untilLanded(stack.current, 'observations', [observationMark ?? '']);
  await untilLanded(stack.current, 'scores', [scoreMark ?? '']);
}

const newest = async (table: MergeCase['table'], id: string) => {
  const query = `SELECT * FROM ${table} WHERE id = {id: String} ORDER BY event_ts DESC LIMIT 1 BY id`;
  return (await rows(stack.current, query, { id }))[0] ?? {};
};

describe('merged events', () => {
  beforeEach((context) => stack.only(context, TAKES_TRACES));
  beforeAll(async () => {
    if (stack.writeMode === 'events_only') return;
    await process(...MERGES.flatMap(({ first }) => first));
    await process(...MERGES.flatMap(({ second = [] }) => second));
  });

  test.each(MERGES)('$table: $says', async ({ table, id, row }) => {
    const found = await newest(table, id);
    // Amounts come back as texts or numbers, as the column has it.
    const amounts = Object.entries(found).map(([column, value]) => [
      column,
      column.endsWith('_details') ? toNumbers(value) : value,
    ]);
    expect(Object.fromEntries(amounts)).toMatchObject(row);
    expect(await landed(stack.current, table, [id])).toEqual([id]);
  });
});

function toNumbers(amounts: unknown): Record<string, number> {
  const entries = Object.entries(amounts as Record<string, unknown>);
  return Object.fromEntries(entries.map(([kind, amount]) => [kind, Number(amount)]));
}

describe('one entity', () => {
  beforeEach((context) => stack.only(context, TAKES_TRACES));

  test('of an observation without a trace gets a trace id made up, another one at each processing', async () => {
    const id = randomUUID();
    await process(event('span-create', { id }));
    const { trace_id: first } = await newest('observations', id);
    expect(first).toMatch(/^[\da-f]{8}-/);
    // Without its row: what is stored would fix it.
    await deleteRow(stack.current, 'observations', id);
    await using jobs = openQueue(stack.current);
    await jobs.addFor(stack.current, 'span-create', id);
    const { trace_id: second } = await untilRow(stack.current, 'observations', id);
    expect(second).toMatch(/^[\da-f]{8}-/);
    expect(second).not.toBe(first);
  });

  test('has the prompt that it names, if there is one', async () => {
    const name = `prompt-${randomUUID()}`;
    await sql(
      stack.current,
      `INSERT INTO prompts (id, project_id, name, version, created_by, prompt) VALUES ($1, $2, $1, 3, 'API', '"text"')`,
      [name, stack.current.target.projectId],
    );
    const generation = observation('generation-create', { promptName: name, promptVersion: 3 });
    await process(generation);
    expect(await newest('observations', generation.body.id)).toMatchObject({
      prompt_id: name,
      prompt_name: name,
      prompt_version: 3,
    });
  });

  test('is read before it is written only from the time on that its events name', async () => {
    const [before, after] = [randomUUID(), randomUUID()];
    const timestamp = Date.UTC(2026, 4, 5, 12);
    for (const [id, offset] of [
      [before, -1],
      [after, 1],
    ] as const) {
      const row = { id, project_id: stack.current.target.projectId, release: 'stored', event_ts: 1 };
      await insertRows(stack.current, 'traces', [{ ...row, timestamp: timestamp + offset }]);
    }
    const sent = (id: string) => event('trace-create', { id, timestamp: new Date(timestamp), name: 'sent' });
    await process(sent(before), sent(after));
    expect(await newest('traces', before)).toMatchObject({ name: 'sent', release: null });
    expect(await newest('traces', after)).toMatchObject({ name: 'sent', release: 'stored' });
  });

  test('on two days is two rows, of which the one processed last is shown', async () => {
    const id = randomUUID();
    const on = (day: number) => new Date(Date.UTC(2026, 4, day, 12)).toISOString();
    await process(event('trace-create', { id, name: 'first' }, new Date(on(5))));
    // Its earlier envelope makes it the first of the two, and its later day hides the stored row from the read.
    await process(event('trace-create', { id, timestamp: on(6) }, new Date(on(4))));
    expect(await landed(stack.current, 'traces', [id])).toEqual([id, id]);
    expect(await newest('traces', id)).toMatchObject({ timestamp: '2026-05-06 12:00:00.000', name: 'first' });
  });

  test('whose object has no job is picked up by the next job of the same entity', async () => {
    const id = randomUUID();
    const left = event('trace-create', { id, userId: 'left' });
    await putObjects(stack.current, [[`trace/${id}/left.json`, JSON.stringify([left])]]);
    expect(await landed(stack.current, 'traces', [id])).toEqual([]);
    await process(event('trace-create', { id, name: 'next' }));
    expect(await objectsOf(stack.current, `trace/${id}/`)).toHaveLength(2);
    expect(await newest('traces', id)).toMatchObject({ name: 'next', user_id: 'left' });
  });
});

describe('spans over OTLP', () => {
  testOtlpColumns(stack);
  testRawOtlpColumns(stack);
});

describeEventsOnly(stack);

describe('the tables', () => {
  const versioned = 'ReplacingMergeTree(event_ts, is_deleted)';
  test.for([
    ['traces', versioned, 'project_id, toDate(timestamp), id', 'toYYYYMM(timestamp)'],
    ['observations', versioned, 'project_id, type, toDate(start_time), id', 'toYYYYMM(start_time)'],
    ['scores', versioned, 'project_id, toDate(timestamp), name, id', 'toYYYYMM(timestamp)'],
    ['event_log', 'MergeTree', 'project_id, entity_type, entity_id', ''],
  ] as const)(
    '%s: engine, key and partitions',
    async ([table, engine, sorting_key, partition_key], context) => {
      if (table === 'event_log') stack.only(context, { until: 'eventLogDropped' });
      const query = `SELECT engine_full, sorting_key, partition_key FROM system.tables
      WHERE database = currentDatabase() AND name = {table: String}`;
      const [found] = await rows(stack.current, query, { table });
      expect(found).toMatchObject({ sorting_key, partition_key });
      expect(found?.engine_full).toMatch(new RegExp(`^${engine.replace(/[()]/g, '\\$&')}( |$)`));
    },
  );

  test('a version of a prompt above 65535 wraps', async () => {
    const id = randomUUID();
    const project_id = stack.current.target.projectId;
    const row = { id, project_id, trace_id: 't', type: 'GENERATION', start_time: Date.now(), event_ts: 1 };
    await insertRows(stack.current, 'observations', [{ ...row, prompt_version: 70_000 }]);
    expect(await newest('observations', id)).toMatchObject({ prompt_version: 4464 });
  });

  test('rows of more than 100 months are too many for one insert', async () => {
    const project_id = stack.current.target.projectId;
    const months = Array.from({ length: 101 }, (_, month) => ({
      ...{ id: randomUUID(), project_id, event_ts: 1 },
      timestamp: Date.UTC(2010, month, 1),
    }));
    await expect(insertRows(stack.current, 'traces', months)).rejects.toMatchObject({ code: '252' });
    const ids = months.map(({ id }) => id);
    expect(await landed(stack.current, 'traces', ids)).toEqual([]);
  });

  test('times of the years 1900 and 2299 are stored', async (context) => {
    stack.only(context, TAKES_TRACES);
    const timestamps = ['1900-01-02T00:00:00Z', '2299-12-30T00:00:00Z'];
    const sent = timestamps.map((timestamp) => trace({ timestamp }));
    await process(...sent);
    await untilLanded(
      stack.current,
      'traces',
      sent.map(({ body }) => body.id),
    );
  });
});

describe('what ClickHouse cannot read is dropped, and the failed set does not show it:', () => {
  const generation = (body: object) => [observation('generation-create', body)];
  test.for<
    [
      what: string,
      make: () => { body: { id: string } }[],
      table: 'traces' | 'observations',
      until?: ChangeName,
    ]
  >([
    ['half of a surrogate pair', () => [trace({ input: 'a\ud800b' })], 'traces'],
    [
      'usage that is a fraction',
      () => generation({ usageDetails: { input: 1.5 } }),
      'observations',
      'amountsRepaired',
    ],
    ['usage above 64 bits', () => generation({ usageDetails: { input: 1e21 } }), 'observations'],
    ['a cost of a million', () => generation({ costDetails: { total: 1e6 } }), 'observations', 'costsCut'],
  ])('%s', async ([_what, make, table, until], context) => {
    stack.only(context, { ...TAKES_TRACES, until });
    const sent = make();
    const droppedBefore = await dropped(stack.current, table);
    expect((await ingest(stack.current, sent)).status).toBe(207);
    await waitUntil(
      'the rows to be dropped',
      async () => (await dropped(stack.current, table)) - droppedBefore === sent.length,
      {
        timeoutMs: 30_000,
      },
    );
    await using jobs = openQueue(stack.current);
    expect(await jobs.counts()).toMatchObject({ wait: 0, active: 0, delayed: 0, failed: 0 });
    const ids = sent.map(({ body }) => body.id);
    expect(await landed(stack.current, table, ids)).toEqual([]);
    expect(await objectsOf(stack.current, `${table.slice(0, -1)}/${ids[0]}/`)).toHaveLength(1);
  });
});
