import { expect, test } from 'vitest';
import { createRandom } from '../src/base/random.ts';
import type { Checkpoint, SentEvent, StoredRow } from '../src/checker/input.ts';
import { judge } from '../src/checker/judge.ts';
import { checkpoint, context, PROJECT, START } from '../src/checker/testing/build.ts';
import type { CheckpointSummary } from '../src/checker/verdict.ts';
import { type EntityKey, entityOf, type IngestionEvent } from '../src/langfuse/events.ts';
import { marksOfMetadata } from '../src/langfuse/mark.ts';
import { bindOddTraffic } from '../src/traffic/odd/catalogue.ts';
import { landedRow } from './support/landed-rows.ts';

/*
 * What the checker makes of odd traffic, given the rows that the reference pipeline's merge leaves behind when things go as the
 * known ways say. No process runs here: see odd-traffic.test.ts for that.
 */

/** Odd traffic that was sent and acknowledged, request by request. */
function send(name: string, parameters: Record<string, unknown> = {}) {
  let mark = 0;
  const random = createRandom(name);
  const requests = bindOddTraffic({ name, ...parameters }).make({ random, nextMark: () => mark++ });
  const sends = requests.flatMap(({ at, body }, request) =>
    (JSON.parse(body) as { batch: IngestionEvent[] }).batch.map((event, index): SentEvent => {
      const sentAt = START + at;
      return { event, request, index, answer: 'acknowledged', sentAt, answeredAt: sentAt + 50 };
    }),
  );
  return { sends, events: sends.map(({ event }) => event) };
}

/** The row of these events, merged so many seconds after the start. */
const rowOf = (events: readonly IngestionEvent[], seconds = 10): StoredRow =>
  landedRow(events, PROJECT, START + seconds * 1000);

/** Outcomes and stages that are not 0, at the last checkpoint. */
function found(sends: readonly SentEvent[], ...checkpoints: Checkpoint[]): Record<string, number> {
  const { outcomes, missing } = judge(sends, checkpoints, context()).checkpoints.at(-1) as CheckpointSummary;
  return Object.fromEntries(Object.entries({ ...outcomes, ...missing }).filter(([, count]) => count > 0));
}

const inS3 = (...events: readonly IngestionEvent[]): Record<EntityKey, string[]> => {
  const found: Record<EntityKey, string[]> = {};
  for (const event of events) {
    const entity = entityOf(event) as EntityKey;
    found[entity] = [...(found[entity] ?? []), event.id];
  }
  return found;
};

test.for(['falsy-content', 'odd-times', 'retrying-client', 'burst', 'across-midnight', 'racing-updates'])(
  '%s: merged whole, all of it is right',
  (name) => {
    const { sends, events } = send(name);
    const byEntity = Map.groupBy(new Map(events.map((event) => [event.id, event])).values(), entityOf);
    const rows = [...byEntity.values()].map((own) => rowOf(own));
    expect(found(sends, checkpoint('settled', rows))).toEqual({
      ok: new Set(events.map(({ id }) => id)).size,
    });
  },
);

test('D15, many-updates: what is beyond the page that was merged is lost, in S3 only', () => {
  const { sends, events } = send('many-updates', { count: 1004 });
  const rows = [rowOf(events.slice(0, 1000))];
  expect(found(sends, checkpoint('settled', rows, { s3: inS3(...events) }))).toEqual({
    ...{ ok: 1000, lost: 4, 's3-only': 4 },
  });
});

test('D16, racing-updates: the update that a stale merge overwrites has vanished if it was seen, and is lost otherwise', () => {
  const { sends, events } = send('racing-updates', { entities: 1 });
  const [created] = events as [IngestionEvent];
  const [whole, stale] = [rowOf(events, 10), rowOf([created], 11)];
  const settled = checkpoint('settled', [stale], { s3: inS3(...events) });
  expect(found(sends, settled)).toEqual({ ok: 1, lost: 1, 's3-only': 1 });
  expect(found(sends, checkpoint('heal', [whole]), settled)).toEqual({ ok: 1, vanished: 1, 's3-only': 1 });
});

test('D17: after a job that found no object the event is in S3 only, or nowhere', () => {
  const { sends, events } = send('burst', { events: 2 });
  const [kept] = events as [IngestionEvent];
  expect(found(sends, checkpoint('settled', [], { s3: inS3(kept) }))).toEqual({
    ...{ lost: 2, 's3-only': 1, 'not-in-s3': 1 },
  });
});

test('D18, missing-body-id: absent by design', () => {
  expect(found(send('missing-body-id').sends, checkpoint('settled', []))).toEqual({ 'absent-by-design': 2 });
});

test('D19, event-id-again: what was overwritten is nowhere, the event that was sent twice is one', () => {
  const { sends, events } = send('event-id-again', { entities: 1 });
  const [first, , , third] = events as [IngestionEvent, IngestionEvent, IngestionEvent, IngestionEvent];
  const settled = checkpoint('settled', [rowOf([first, third])], { s3: inS3(first, third) });
  expect(found(sends, settled)).toEqual({ ok: 2, lost: 1, 'not-in-s3': 1 });
});

test('D19, event-id-again: of two events under one id S3 holds the later one only', () => {
  const { sends, events } = send('event-id-again', { entities: 1, changed: true });
  const [, , changed, third] = events as [IngestionEvent, IngestionEvent, IngestionEvent, IngestionEvent];
  const entity = entityOf(changed) as EntityKey;
  const settled = checkpoint('settled', [rowOf([changed, third])], {
    s3: inS3(changed, third),
    s3Marks: { [entity]: [changed, third].flatMap(({ body }) => marksOfMetadata(body.metadata)) },
  });
  expect(found(sends, settled)).toEqual({ ok: 2, lost: 2, 'not-in-s3': 2 });
});

test('D20, slash-in-id: the outer trace is altered, the inner one is right', () => {
  const { sends, events } = send('slash-in-id');
  const [outer, inner] = events as [IngestionEvent, IngestionEvent];
  const rows = [rowOf([outer, inner]), rowOf([inner])];
  expect(found(sends, checkpoint('settled', rows))).toEqual({ ok: 1, altered: 1 });
});

test('midnight, across-midnight: rows of two days are a duplicate, and both events are there', () => {
  const { sends, events } = send('across-midnight', { entities: 1 });
  const [update] = events as [IngestionEvent];
  const rows = [rowOf([update], 10), rowOf(events, 11)];
  expect(found(sends, checkpoint('settled', rows))).toEqual({ ok: 2, duplicated: 1 });
});

test.for(['lone-surrogate', 'fractional-usage', 'huge-usage', 'huge-cost', 'hundred-months'])(
  'D13, %s: without a row it is lost, in S3 only and blindly',
  (name) => {
    const { sends, events } = send(name);
    const count = events.length;
    const settled = checkpoint('settled', [], { s3: inS3(...events) });
    expect(found(sends, settled)).toEqual({ lost: count, 's3-only': count });
    const { checkpoints } = judge(sends, [settled], context());
    expect(checkpoints[0]?.blindLoss).toBe(count);
  },
);

test.for(['unknown-score-config', 'boolean-metadata'])('D14, %s: lost, in the failed set', (name) => {
  const { sends, events } = send(name);
  const jobs = events.map((event) => ({ entity: entityOf(event) as EntityKey, state: 'failed' as const }));
  const settled = checkpoint('settled', [], { s3: inS3(...events), jobs });
  expect(found(sends, settled)).toEqual({ lost: 1, 'failed-set': 1 });
});
