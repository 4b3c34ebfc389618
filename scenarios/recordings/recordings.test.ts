import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { SPANS_PATH } from '../../src/langfuse/endpoints.ts';
import { entityOf, type IngestionEvent } from '../../src/langfuse/events.ts';
import { convertedSpans } from '../../src/langfuse/span-conversion.ts';
import type { PlannedRequest } from '../../src/traffic/request.ts';
import { openTraffic } from '../../src/traffic/traffic.ts';

/** What a request carries: events, a score, or what is made of its spans, one event for each. */
function eventsOf({ path, body }: PlannedRequest): Pick<IngestionEvent, 'type' | 'body' | 'timestamp'>[] {
  const parsed = JSON.parse(body) as { batch?: IngestionEvent[] };
  if (path === SPANS_PATH) {
    const spans = convertedSpans(parsed) ?? [];
    return spans.map((event) => ({ ...event, timestamp: `${event.id} ${event.body.startTime}` }));
  }
  return parsed.batch ?? [{ type: 'score-create', body: parsed, timestamp: '' }];
}

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

test('there are recordings', () =>
  expect(files).toEqual(expect.arrayContaining(['support-bot.jsonl', 'support-bot-otel.jsonl'])));

describe.each(files)('%s', (file) => {
  const play = (seed: string) => {
    const traffic = openTraffic({ kind: 'recording', file, speed: 1, repeat: 1 }, createRandom(seed));
    const requests = [...traffic.requests];
    const sent = requests.map(eventsOf);
    return { ...traffic, requests, sent, events: sent.flat() };
  };
  const played = play('1');

  test('is whole, can be played, and gives the same bytes for the same seed', () => {
    expect(played.requests.flatMap(({ eventIds }) => eventIds)).toHaveLength(played.totalEvents);
    expect(play('1').requests).toEqual(played.requests);
    expect(play('2').requests).not.toEqual(played.requests);
  });

  test('holds no key, and is small enough to be kept in the repository', () => {
    expect(readFileSync(`${folder}${file}`, 'utf8')).not.toMatch(/[ps]k-lf-|authorization|cookie/i);
    expect(statSync(`${folder}${file}`).size).toBeLessThan(1_500_000);
  });

  test('all its references lead to entities that it creates', () => {
    const entities = new Set(played.events.map(entityOf));
    for (const { type, body } of played.events) {
      if (type !== 'trace-create' && type !== 'otel-trace')
        expect(entities).toContain(`trace/${body.traceId}`);
      for (const other of [body.parentObservationId, body.observationId]) {
        if (other != null) expect(entities).toContain(`observation/${other}`);
      }
    }
  });

  test('the order in which an entity’s events are merged is never left open', () => {
    const requestOf = new Map<string, number>();
    for (const [request, events] of played.sent.entries()) {
      for (const event of events) {
        const stamp = `${entityOf(event)} ${event.timestamp}`;
        expect(requestOf.get(stamp) ?? request).toBe(request);
        requestOf.set(stamp, request);
      }
    }
  });

  test('no entity’s times lie on two days', () => {
    for (const { timestamp, body } of played.events) {
      for (const time of [
        timestamp.includes(' ') ? '' : timestamp,
        body.timestamp,
        body.startTime,
        body.endTime,
      ]) {
        expect(String(time || '2025-03-10').slice(0, 10)).toBe('2025-03-10');
      }
    }
  });
});

test('the support bot has every type of event, every type of score, sessions, users, errors and Unicode', () => {
  const traffic = openTraffic(
    { kind: 'recording', file: 'support-bot.jsonl', speed: 1, repeat: 1 },
    createRandom('1'),
  );
  const text = [...traffic.requests].map(({ body }) => body).join('\n');
  for (const type of [
    'trace-create',
    'span-create',
    'span-update',
    'generation-create',
    'generation-update',
  ]) {
    expect(text).toContain(`"type":"${type}"`);
  }
  for (const part of [
    'event-create',
    'score-create',
    'NUMERIC',
    'CATEGORICAL',
    'BOOLEAN',
    '"level":"ERROR"',
  ]) {
    expect(text).toContain(part);
  }
  for (const part of [
    'completionStartTime',
    'usageDetails',
    'sessionId',
    'userId',
    '𠮷',
    '👩‍👩‍👧‍👦',
    'أين',
  ]) {
    expect(text).toContain(part);
  }
  expect(traffic.totalEvents).toBeGreaterThan(500);
});

test('the support bot over OTLP has what the SDK of today sends', () => {
  const text = readFileSync(`${folder}support-bot-otel.jsonl`, 'utf8');
  for (const type of ['span', 'generation', 'retriever', 'embedding', 'tool', 'event']) {
    expect(text).toContain(`{"key":"langfuse.observation.type","value":{"stringValue":"${type}"}}`);
  }
  for (const part of [
    'langfuse.observation.usage_details',
    'langfuse.observation.completion_start_time',
    'langfuse.observation.model.parameters',
    'langfuse.trace.tags',
    '"key":"session.id"',
    '"key":"user.id"',
    'ETIMEDOUT',
    '/api/public/scores',
  ]) {
    expect(text).toContain(part);
  }
});
