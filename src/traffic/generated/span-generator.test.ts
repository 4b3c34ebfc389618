import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { INGESTION_PATH, SPANS_PATH } from '../../langfuse/endpoints.ts';
import { expectedOfSpans } from '../../langfuse/expected-span.ts';
import type { MergedMetadata } from '../../langfuse/merge-metadata.ts';
import { NOT_COMPARED } from '../../langfuse/not-compared.ts';
import type { SpanEvent } from '../../langfuse/otel-events.ts';
import { parseExport, spansOf } from '../../langfuse/otlp.ts';
import { eventsOfBody } from '../../langfuse/span-events.ts';
import { rowsOfSpans } from '../../langfuse/span-rows.ts';
import { rowDifferences, rowHolds } from '../../langfuse/stored-form.ts';
import { rowOfEvent, type StoredRow } from '../../langfuse/stored-row.ts';
import { generateTraffic } from './generator.ts';

const USUAL = {
  kind: 'generated',
  protocol: 'otlp',
  rate: 50,
  duration: 8,
  maxBatch: 20,
  maxBytes: 400,
} as const;
const make = (seed: string) => {
  const traffic = generateTraffic(USUAL, createRandom(seed));
  return { ...traffic, requests: [...traffic.requests] };
};
const usual = make('usual');
const spansIn = ({ path, body }: (typeof usual.requests)[number]) => {
  const exported = path === SPANS_PATH ? parseExport(JSON.parse(body)) : undefined;
  return exported ? spansOf(exported).map(({ span }) => span) : [];
};

test('the same seed gives the same bytes, another seed other ids', () => {
  expect(make('usual').requests).toEqual(usual.requests);
  const ids = new Set(usual.requests.flatMap(({ eventIds }) => eventIds));
  expect(
    make('other')
      .requests.flatMap(({ eventIds }) => eventIds)
      .some((id) => ids.has(id)),
  ).toBe(false);
});

test('exactly as many spans and scores as were asked for; some requests come twice, byte for byte', () => {
  const bodies = new Map(usual.requests.map((request) => [request.body, request]));
  expect(bodies.size).toBeLessThan(usual.requests.length);
  const events = [...bodies.values()].flatMap(({ eventIds }) => eventIds);
  expect([events.length, new Set(events).size]).toEqual([400, 400]);
  const paths = new Set(usual.requests.map(({ path }) => path));
  expect(paths).toEqual(new Set([SPANS_PATH, INGESTION_PATH]));
});

test('every parent is a span of its trace and ends after its children, and each trace has one root', () => {
  const spans = new Map(usual.requests.flatMap(spansIn).map((span) => [span.spanId, span]));
  const roots = new Map<string, number>();
  for (const span of spans.values()) {
    const parent = span.parentSpanId ? spans.get(span.parentSpanId) : undefined;
    if (!span.parentSpanId) roots.set(span.traceId, (roots.get(span.traceId) ?? 0) + 1);
    else expect(parent?.traceId).toBe(span.traceId);
    if (parent) expect(BigInt(parent.endTimeUnixNano) > BigInt(span.endTimeUnixNano)).toBe(true);
  }
  expect(new Set(roots.values())).toEqual(new Set([1]));
  expect(roots.size).toBe(new Set([...spans.values()].map(({ traceId }) => traceId)).size);
});

test('a version that makes events of spans refuses none: no value is one that it can’t read', () => {
  for (const { body } of usual.requests) {
    for (const event of eventsOfBody(JSON.parse(body), 'web converts')) {
      expect(JSON.parse(JSON.stringify(event.body.metadata ?? {}))).toEqual(event.body.metadata ?? {});
    }
  }
});

/** A row of `events_full` that holds what is expected, as ClickHouse gives it. */
function storedAs(event: SpanEvent): StoredRow {
  const { columns } = expectedOfSpans([event]);
  const time = (at: unknown) =>
    typeof at === 'number' ? `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')}000` : null;
  const amounts = (of: unknown) =>
    Object.fromEntries(
      Object.entries(of === NOT_COMPARED ? {} : (of as object)).map(([kind, n]) => [kind, String(n)]),
    );
  const { metadata, ...rest } = columns;
  const plain = Object.fromEntries(
    Object.entries(rest).map(([column, value]) => {
      if (column.endsWith('_time')) return [column, time(value)];
      if (column.endsWith('_details')) return [column, amounts(value)];
      return [column, value === NOT_COMPARED || value === null ? '' : value];
    }),
  );
  const { keys, values } = metadata as MergedMetadata;
  const read = { ...plain, prompt_version: null, project_id: 'p', id: event.id, event_ts: '', is_deleted: 0 };
  return rowOfEvent({ ...read, metadata_names: keys, metadata_values: values });
}

const anySpan = fc.integer({ min: 0, max: 1000 }).map((seed) => {
  const traffic = {
    kind: 'generated',
    protocol: 'otlp',
    rate: 10,
    duration: 2,
    maxBatch: 9,
    maxBytes: 300,
  } as const;
  const requests = [...generateTraffic(traffic, createRandom(String(seed))).requests];
  const events = requests.flatMap(({ path, body }) =>
    path === SPANS_PATH ? (rowsOfSpans(JSON.parse(body)) ?? []) : [],
  );
  return events[seed % events.length] as SpanEvent;
});

test('whatever is sent: the right row holds, and no other does, whichever column is wrong', () => {
  fc.assert(
    fc.property(anySpan, fc.nat(), (event, which) => {
      const row = storedAs(event);
      const expected = expectedOfSpans([event]);
      expect(rowDifferences(row, expected)).toEqual([]);
      const compared = Object.entries(expected.columns).filter(([, value]) => value !== NOT_COMPARED);
      const [column] = compared[which % compared.length] as [string, unknown];
      const wrong = { ...row, [column]: wrongValue(row[column]) } as StoredRow;
      expect(rowHolds(wrong, expected)).toBe(false);
      expect(rowDifferences(wrong, expected)[0]?.field.split('.')[0]).toBe(column);
    }),
  );
});

function wrongValue(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return [...value, 'more'];
  if (typeof value === 'object' && value !== null) return { ...value, more: '1' };
  // Also finer than Langfuse keeps times.
  return typeof value === 'string' && value.endsWith('000') ? `${value.slice(0, -3)}001` : `${value}x`;
}

test('a row of another table, or without its microseconds, is not the span’s', () => {
  const [event] = fc.sample(anySpan, { numRuns: 1, seed: 1 }) as [SpanEvent];
  const { table: _table, ...row } = storedAs(event);
  const expected = expectedOfSpans([event]);
  expect(rowHolds(row as StoredRow, expected)).toBe(false);
  expect(rowDifferences(row as StoredRow, expected).map(({ field }) => field)).toEqual(['table']);
});
