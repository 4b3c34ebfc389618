import type { CheckpointName } from '../../history/run-record.ts';
import type { EventType, IngestionEvent } from '../../langfuse/events.ts';
import { withMark } from '../../langfuse/mark.ts';
import type { Answer, Checkpoint, JudgeContext, SentEvent, StoredRow } from '../input.ts';
import { type CheckpointSummary, OUTCOMES, type Outcome, STAGES, type Stage } from '../verdict.ts';

/* Histories and rows of a few lines, for tests. */

export const PROJECT = 'p';
/** When the traffic of every test begins. */
export const START = Date.UTC(2026, 0, 1);

export const timeText = (seconds: number) => new Date(START + seconds * 1000).toISOString();
export const storedTime = (seconds: number) => timeText(seconds).replace('T', ' ').replace('Z', '');

/** The event number `n`: id `e<n>`, its mark, and `n` seconds after the start unless told. */
export function event(
  n: number,
  type: EventType,
  body: Record<string, unknown>,
  seconds: number = n,
): IngestionEvent {
  return withMark({ id: `e${n}`, timestamp: timeText(seconds), type, body }, n);
}

/** An event in a request of its own, sent one second after the one before and answered 100 ms later. */
export function sent(
  ingested: IngestionEvent,
  answer: Answer = 'acknowledged',
  overrides: Partial<SentEvent> = {},
): SentEvent {
  const request = overrides.request ?? Number(ingested.id.slice(1));
  const sentAt = START + request * 1000;
  return { event: ingested, request, index: 0, answer, sentAt, answeredAt: sentAt + 100, ...overrides };
}

/** A trace's row with the marks of these events, merged at the start unless told. */
export function traceRow(
  id: string,
  marks: readonly number[],
  overrides: Partial<StoredRow> = {},
): StoredRow {
  return {
    kind: 'trace',
    project_id: PROJECT,
    id,
    event_ts: storedTime(0),
    is_deleted: 0,
    timestamp: storedTime(marks[0] ?? 0),
    name: '',
    user_id: null,
    session_id: null,
    release: null,
    version: null,
    environment: 'default',
    public: false,
    bookmarked: false,
    tags: [],
    metadata: Object.fromEntries(marks.map((n) => [`chaos_${n.toString(36)}`, `e${n}`])),
    input: null,
    output: null,
    ...overrides,
  };
}

/** A numeric score's row with the mark of this event. */
export function scoreRow(id: string, mark: number, overrides: Partial<StoredRow> = {}): StoredRow {
  return {
    kind: 'score',
    project_id: PROJECT,
    id,
    event_ts: storedTime(0),
    is_deleted: 0,
    timestamp: storedTime(mark),
    trace_id: 't',
    observation_id: null,
    name: 'tone',
    value: 1,
    string_value: null,
    data_type: 'NUMERIC',
    source: 'API',
    comment: `[chaos_${mark.toString(36)}]`,
    config_id: null,
    environment: 'default',
    ...overrides,
  };
}

/** A checkpoint; one minute lies between two. */
export function checkpoint(
  name: CheckpointName,
  rows: readonly StoredRow[],
  overrides: Partial<Checkpoint> = {},
): Checkpoint {
  const minutes = { heal: 1, settled: 2, 'after-retry': 3, 'after-replay': 4 }[name];
  return { name, at: START + minutes * 60_000, rows, jobs: [], failedSet: 0, s3: {}, ...overrides };
}

/** A run in which nothing but the events is of interest; late is later than ten minutes. */
export function context(overrides: Partial<JudgeContext> = {}): JudgeContext {
  return {
    run: 'r',
    scenario: 'steady-state',
    seed: '1',
    projectId: PROJECT,
    visibilityBudgetMs: 600_000,
    firstSeen: new Map(),
    faults: [],
    probes: [],
    expectations: [],
    recovery: [],
    doubts: [],
    ...overrides,
  };
}

/** A whole summary from what is not 0 in it. */
export function summary(
  name: CheckpointName,
  outcomes: Partial<Record<Outcome, number>>,
  missing: Partial<Record<Stage, number>> = {},
  rest: Partial<CheckpointSummary> = {},
): CheckpointSummary {
  const hidden =
    (missing['not-in-s3'] ?? 0) + (missing['s3-only'] ?? 0) + (missing['clickhouse-hidden'] ?? 0);
  return {
    name,
    at: checkpoint(name, []).at,
    outcomes: { ...zeroes(OUTCOMES), ...outcomes },
    missing: { ...zeroes(STAGES), ...missing },
    // Not told at heal: see CheckpointSummary.
    blindLoss: name === 'heal' ? 0 : hidden,
    failedSet: 0,
    ...rest,
  };
}

function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
