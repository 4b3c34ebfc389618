import { expect, test } from 'vitest';
import { profileOf, type WriteMode } from '../langfuse/profile.ts';
import type { QueueFacts, TargetFacts } from '../langfuse/target-facts.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { notesOn, requireFitting } from './traps.ts';

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
  expect(notesOn(facts('3.36.0', { queues: [queue({ jobs: 3 })] }), SCENARIO, 'ingestion')).toEqual([]);
});

test('what the reader should know', () => {
  const notes = (found: TargetFacts, settings?: Scenario['settings']) =>
    notesOn(found, { ...SCENARIO, ...(settings ? { settings } : {}) }, 'ingestion').join('\n');
  expect(notes(facts('4.99.0'))).toContain('4.99.0 is newer than any version that is known here (4.16.0)');
  expect(notes(facts('4.16.0', { writeMode: undefined, writeModeBy: 'it was silent' }))).toContain(
    'write mode is not known: it was silent.',
  );
  expect(notes(facts('3.79.0', { queues: [queue({ jobs: 3, workers: 0 })] }))).toContain(
    '3 jobs wait in ingestion-queue-1, for which no worker is connected',
  );
  expect(notes(facts('3.79.0', { queues: [queue({ jobs: 3, workers: undefined })] }))).toBe('');
  expect(notes(facts('3.36.0'), { worker: { LANGFUSE_S3_LIST_MAX_KEYS: '5' } })).toBe(
    'LANGFUSE_S3_LIST_MAX_KEYS has no effect: Langfuse reads it from 3.75.2 on.',
  );
  expect(notes(facts('3.75.2'), { worker: { LANGFUSE_S3_LIST_MAX_KEYS: '5' } })).toBe('');
});
