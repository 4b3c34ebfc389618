import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { profileOf, type WriteMode } from '../langfuse/profile.ts';
import type { QueueFacts, TargetFacts } from '../langfuse/target-facts.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { notesOn, requireConsumer, requireFitting } from './traps.ts';

const SCENARIO: Scenario = {
  name: 'mine',
  proves: '',
  traffic: { kind: 'generated', rate: 1, duration: 1, maxBatch: 1, maxBytes: 1000 },
  timeline: [],
  recovery: [],
  expect: [],
};

function facts(version: string, more: Partial<TargetFacts> = {}): TargetFacts {
  const { profile, known } = profileOf(version);
  const writeMode: WriteMode | undefined = profile.writeModes[0];
  return {
    ...{ version, profile, known, writeMode, writeModeBy: 'seen', queues: [], tables: [] },
    clickhouseVersion: '26.4.1',
    ...more,
  };
}
const queue = (more: Partial<QueueFacts>): QueueFacts => ({
  ...{ name: 'ingestion-queue-1', of: 'ingestion-queue', prefix: 'bull', jobs: 0, failed: 0, workers: 1 },
  ...more,
});
const codeOf = (found: TargetFacts, protocol: 'ingestion' | 'otlp' = 'ingestion') => {
  try {
    requireFitting(found, SCENARIO, protocol);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

test('events_only takes spans, and no traces by the ingestion API', () => {
  expect(codeOf(facts('4.16.0'))).toBe('E_EVENTS_ONLY');
  expect(codeOf(facts('4.16.0'), 'otlp')).toBeUndefined();
  expect(codeOf(facts('4.16.0', { writeMode: 'dual' }))).toBeUndefined();
  expect(codeOf(facts('4.16.0', { writeMode: undefined }))).toBeUndefined();
  expect(codeOf(facts('3.225.4', { writeMode: 'events_only' }))).toBe('E_EVENTS_ONLY');
});

test.each([
  ['3.36.0', undefined],
  ['3.40.0', undefined],
  ['3.41.0', 'E_SPANS_UNKNOWN'],
  ['3.45.0', 'E_SPANS_UNKNOWN'],
  ['3.107.0', 'E_SPANS_UNKNOWN'],
  ['3.112.0', 'E_SPANS_UNKNOWN'],
  ['3.113.0', undefined],
  ['3.225.4', undefined],
])('spans to Langfuse %s, whose way to read them is known or not: %s', (version, code) => {
  expect(codeOf(facts(version), 'otlp')).toBe(code);
  expect(codeOf(facts(version))).toBeUndefined();
});

test.each([
  ['3.36.0', '26.8.1.1', 'E_CLICKHOUSE_VERSION'],
  ['3.36.0', '27.1', 'E_CLICKHOUSE_VERSION'],
  ['3.36.0', '26.7.2.1', undefined],
  ['3.36.0', '24.3.1', undefined],
  ['4.16.0', '26.8.1.1', 'E_CLICKHOUSE_VERSION'],
  ['4.16.0', '25.11.9', 'E_CLICKHOUSE_VERSION'],
  ['4.16.0', '25.12.1', undefined],
  // Later versions have it mended.
  ['4.17.0', '26.8.1.1', undefined],
  ['3.226.0', '26.8.1.1', undefined],
])('Langfuse %s on ClickHouse %s: %s', (version, clickhouseVersion, code) => {
  expect(codeOf(facts(version, { clickhouseVersion }), 'otlp')).toBe(code);
});

test('a known version with nothing odd about it has no notes', () => {
  expect(notesOn(facts('3.36.0', { queues: [queue({ jobs: 3 })] }), SCENARIO)).toEqual([]);
});

test('what the reader should know', () => {
  const notes = (found: TargetFacts, settings?: Scenario['settings']) =>
    notesOn(found, { ...SCENARIO, ...(settings ? { settings } : {}) }).join('\n');
  expect(notes(facts('4.99.0'))).toContain('4.99.0 is newer than any version that is known here (4.16.0)');
  expect(notes(facts('4.16.0', { writeMode: undefined, writeModeBy: 'it was silent' }))).toContain(
    'write mode is not known: it was silent.',
  );
  expect(notes(facts('3.79.0', { queues: [queue({ jobs: 3, workers: 0 })] }))).toContain(
    '3 jobs wait in ingestion-queue-1, for which no worker is connected',
  );
  expect(notes(facts('3.79.0', { queues: [queue({ jobs: 3, workers: undefined })] }))).toBe('');
  expect(notes(facts('3.36.0'), { worker: { LANGFUSE_S3_LIST_MAX_KEYS: '5' } })).toBe(
    'LANGFUSE_S3_LIST_MAX_KEYS has no effect on Langfuse 3.36.0: it is read from 3.75.2 on.',
  );
  expect(notes(facts('3.75.2'), { worker: { LANGFUSE_S3_LIST_MAX_KEYS: '5' } })).toBe('');
});

test('that a target in events_only is asked by other reads is said where endpoints are asked', () => {
  const probing = { ...SCENARIO, timeline: [{ at: 1, probe: 'x' }] };
  const of = (writeMode: 'dual' | 'events_only', scenario: typeof SCENARIO) =>
    notesOn(facts('4.16.0', { writeMode }), scenario).join('\n');
  expect(of('events_only', probing)).toContain('Reads are asked of v2/observations and v3/scores');
  expect(of('events_only', SCENARIO)).not.toContain('v2/observations');
  expect(of('dual', probing)).not.toContain('v2/observations');
});

test('a setting for the version that replaces the first in the middle of the run is none without effect', () => {
  const settings = { web: { LANGFUSE_MIGRATION_V4_WRITE_MODE: 'dual' } };
  const notes = (version: string, other?: string) =>
    notesOn(facts(version), { ...SCENARIO, settings }, other);
  expect(notes('3.36.0', '4.16.0')).toEqual([]);
  expect(notes('4.16.0', '3.36.0')).not.toContainEqual(expect.stringContaining('no effect'));
  const none = [
    'LANGFUSE_MIGRATION_V4_WRITE_MODE has no effect on Langfuse 3.36.0: it is read from 3.179.0 on.',
  ];
  expect(notes('3.36.0', '3.79.0')).toEqual(none);
  expect(notes('3.36.0')).toEqual(none);
});

/** A Redis that only says who is connected. @param clients its answer to CLIENT LIST @returns its URL */
async function redisWith(clients: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      // Each command is an array, which begins with its length in a line of its own.
      for (const command of String(data)
        .split(/^\*\d+\r\n/m)
        .slice(1)) {
        if (/\binfo\b/i.test(command)) socket.write(bulk('redis_version:7.2.0\r\n'));
        else if (/\blist\b/i.test(command)) socket.write(clients);
        else socket.write('+OK\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
/** What CLIENT LIST answers where these queues have a worker. */
const listOf = (...queues: string[]) =>
  bulk(
    ['', ...queues.map((name) => `bull:${Buffer.from(name).toString('base64')}`)]
      .map((name, id) => `id=${id} addr=127.0.0.1:1 name=${name} cmd=client\n`)
      .join(''),
  );
/** One on which the time-out is over at the second look. */
const hurried = (): Clock => {
  let now = 0;
  return {
    now: () => now,
    sleep: async () => {
      now += 60_000;
    },
  };
};
const NO_RIGHT = "-NOPERM User chaos has no permissions to run the 'client|list' command\r\n";

test.each([
  ['ingestion', 'no worker at all', listOf(), 'ingestion-queue'],
  ['ingestion', 'a worker of another queue', listOf('trace-upsert'), 'ingestion-queue'],
  ['ingestion', 'its worker', listOf('ingestion-queue'), undefined],
  ['ingestion', 'a user who may not ask', NO_RIGHT, undefined],
  ['otlp', 'no worker at all', listOf(), 'otel-ingestion-queue'],
  ['otlp', 'no worker for the scores', listOf('otel-ingestion-queue'), 'ingestion-queue'],
  ['otlp', 'no worker for the spans', listOf('ingestion-queue'), 'otel-ingestion-queue'],
  ['otlp', 'both workers', listOf('ingestion-queue', 'otel-ingestion-queue'), undefined],
] as const)(
  '%s with %s: the queue that nobody works off is %4$s',
  async (protocol, _who, clients, queueWithout) => {
    const access = { url: await redisWith(clients) };
    const run = requireConsumer(
      facts('4.16.0'),
      SCENARIO,
      protocol,
      access,
      hurried(),
      new AbortController().signal,
    );
    if (queueWithout === undefined) return run;
    await expect(run).rejects.toMatchObject({
      code: 'E_NO_CONSUMER',
      parts: {
        happened: expect.stringContaining(`connected to Redis for ${queueWithout}:`),
        remedy: expect.stringMatching(/has not QUEUE_CONSUMER_\w+=false/),
      },
    });
  },
);

test('a queue whose consumer the scenario itself has switched off needs none; the other does', async () => {
  const access = { url: await redisWith(listOf('otel-ingestion-queue')) };
  const given = (...names: string[]) => ({
    ...SCENARIO,
    settings: { worker: Object.fromEntries(names.map((name) => [name, 'false'])) },
  });
  const run = (scenario: Scenario) =>
    requireConsumer(facts('4.16.0'), scenario, 'otlp', access, hurried(), new AbortController().signal);
  await run(given('QUEUE_CONSUMER_INGESTION_QUEUE_IS_ENABLED'));
  await expect(run(given('QUEUE_CONSUMER_OTEL_INGESTION_QUEUE_IS_ENABLED'))).rejects.toMatchObject({
    code: 'E_NO_CONSUMER',
  });
});

test('a Redis that does not answer is not taken for one without a worker', async () => {
  const run = requireConsumer(
    facts('4.16.0'),
    SCENARIO,
    'ingestion',
    { url: 'redis://127.0.0.1:1' },
    hurried(),
    new AbortController().signal,
  );
  await expect(run).rejects.toMatchObject({ code: 'E_REDIS' });
});
