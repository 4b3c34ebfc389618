import { createRandom } from '../base/random.ts';
import {
  type CheckpointSummary,
  type Finding,
  OUTCOMES,
  type Outcome,
  STAGES,
  type Stage,
  type Verdict,
} from '../checker/verdict.ts';
import type { CheckpointName } from '../history/run-record.ts';
import type { EventType } from '../langfuse/events.ts';
import { at, BY_DESIGN, DROPPED, EVENTS, exampleRecord, REFUSED } from './example-record.ts';
import type { JudgedRun } from './judged-run.ts';

const LATE = 58;

/**
 * What a run of `clickhouse-blip` looks like: 40 s of traffic at 50 events a second, ClickHouse away from the
 * worker for 5 s, rows dropped by the writer though their jobs completed, an empty failed set, and the S3 replay
 * that brings them back. `fail` is the same run without the replay; `unknown` one whose fault was never felt.
 */
export function exampleRun(kind: Verdict['verdict']): JudgedRun {
  const run = exampleRecord(kind);
  const common = {
    version: 1,
    run: run.id,
    scenario: run.scenario.name,
    seed: run.seed,
    counts: {
      requests: 412,
      events: EVENTS,
      entities: 931,
      acknowledged: EVENTS - REFUSED,
      refused: REFUSED,
      indeterminate: 0,
    },
  } as const;
  if (kind === 'unknown') return { run, verdict: { ...common, ...unknownPart() } };
  return { run, verdict: { ...common, ...(kind === 'pass' ? passPart() : failPart()) } };
}

function passPart() {
  const lost = { outcomes: { lost: DROPPED, late: LATE }, missing: { 's3-only': DROPPED } };
  return {
    verdict: 'pass',
    sentence: `All 1,994 acknowledged events are in ClickHouse: ${DROPPED} of them were dropped by the worker during the outage without a trace in the failed set, and the S3 replay brought every one back.`,
    reasons: [],
    checkpoints: [
      checkpoint('heal', 40.6, {
        outcomes: { lost: DROPPED + LATE },
        missing: { 's3-only': DROPPED, queued: LATE },
      }),
      checkpoint('settled', 52.1, lost),
      checkpoint('after-retry', 53.4, lost),
      checkpoint('after-replay', 58.2, { outcomes: { late: LATE, 'recovered-by-replay': DROPPED } }),
    ],
    expectations: [
      {
        kind: 'shows',
        text: 'events are missing after the failed jobs were retried, though the failed set is empty',
        held: true,
        seen: `blind loss ${DROPPED} after retry`,
      },
      {
        kind: 'must',
        text: 'nothing is missing after the S3 replay',
        held: true,
        seen: 'missing 0 after replay',
      },
      { kind: 'must', text: 'ingestion answers 207 during the outage', held: true, seen: '207' },
    ],
    findings: exampleFindings('recovered-by-replay', ['heal', 'settled', 'after-retry']),
  } as const satisfies Partial<Verdict>;
}

function failPart() {
  const lost = { outcomes: { lost: DROPPED, late: LATE }, missing: { 's3-only': DROPPED } };
  return {
    verdict: 'fail',
    sentence: `${DROPPED} acknowledged events are lost: all of them lie in S3 only, and the failed set does not show one.`,
    reasons: [
      {
        verdict: 'fail',
        code: 'lost',
        text: `${DROPPED} acknowledged events are absent at the last checkpoint: ${DROPPED} in S3 only.`,
      },
      {
        verdict: 'fail',
        code: 'expectation',
        text: 'Expected: nothing is missing at the end; seen: missing 184 after retry.',
      },
    ],
    checkpoints: [
      checkpoint('heal', 40.6, {
        outcomes: { lost: DROPPED + LATE },
        missing: { 's3-only': DROPPED, queued: LATE },
      }),
      checkpoint('settled', 52.1, lost),
      checkpoint('after-retry', 53.4, lost),
    ],
    expectations: [
      {
        kind: 'shows',
        text: 'events are missing after the failed jobs were retried, though the failed set is empty',
        held: true,
        seen: `blind loss ${DROPPED} after retry`,
      },
      {
        kind: 'must',
        text: 'nothing is missing at the end',
        held: false,
        seen: `missing ${DROPPED} after retry`,
      },
    ],
    findings: exampleFindings('lost', ['heal', 'settled', 'after-retry']),
  } as const satisfies Partial<Verdict>;
}

function unknownPart() {
  return {
    verdict: 'unknown',
    sentence:
      'Nothing can be said: the fault on worker→clickhouse was never felt, so nothing was put to the test.',
    reasons: [
      {
        verdict: 'unknown',
        code: 'fault-not-felt',
        text: 'The fault refused on worker→clickhouse was injected for 5 s and its effect was never observed.',
      },
    ],
    checkpoints: [checkpoint('heal', 40.6, {}), checkpoint('settled', 44.9, {})],
    expectations: [
      {
        kind: 'shows',
        text: 'events are missing after the failed jobs were retried, though the failed set is empty',
        held: false,
        seen: 'blind loss 0 after retry',
      },
    ],
    findings: [],
  } as const satisfies Partial<Verdict>;
}

/** A checkpoint whose outcomes add up to all events; what is not told is `ok`. */
function checkpoint(
  name: CheckpointName,
  seconds: number,
  told: {
    readonly outcomes?: Partial<Record<Outcome, number>>;
    readonly missing?: Partial<Record<Stage, number>>;
  },
): CheckpointSummary {
  const outcomes: Record<string, number> = {
    ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])),
    refused: REFUSED,
    'absent-by-design': BY_DESIGN,
    ...told.outcomes,
  };
  outcomes.ok = EVENTS - Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const missing = { ...Object.fromEntries(STAGES.map((stage) => [stage, 0])), ...told.missing };
  return {
    name,
    at: at(seconds),
    outcomes: outcomes as Record<Outcome, number>,
    missing: missing as Record<Stage, number>,
    blindLoss: name === 'heal' ? 0 : (told.missing?.['s3-only'] ?? 0),
    failedSet: 0,
  };
}

/** One finding per dropped event. */
function exampleFindings(outcome: Outcome, missingAt: readonly CheckpointName[]): Finding[] {
  const random = createRandom('example findings');
  const types: readonly EventType[] = [
    'trace-create',
    'generation-create',
    'generation-update',
    'span-create',
    'score-create',
  ];
  return Array.from({ length: DROPPED }, (_, index) => {
    const type = random.pick(types);
    const kind = type === 'trace-create' ? 'trace' : type === 'score-create' ? 'score' : 'observation';
    return {
      outcome,
      entity: `${kind}/${random.hex(32)}`,
      eventId: random.hex(32),
      type,
      request: 110 + Math.floor(index / 5),
      sentAt: at(11.2 + index / 40),
      stages: Object.fromEntries(missingAt.map((name) => [name, 's3-only'])) as Finding['stages'],
    };
  });
}
