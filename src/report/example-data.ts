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
import type { CheckpointName, RunRecord, Sample } from '../history/run-record.ts';
import type { EventType } from '../langfuse/events.ts';
import type { JudgedRun } from './judged-run.ts';

/** 5 March 2025, 14:03:20 UTC: when the traffic of the example begins. */
const TRAFFIC = Date.UTC(2025, 2, 5, 14, 3, 20);
const at = (seconds: number) => TRAFFIC + Math.round(seconds * 1000);

const EVENTS = 2000;
const REFUSED = 6;
const BY_DESIGN = 4;
const DROPPED = 184;
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
    blindLoss: told.missing?.['s3-only'] ?? 0,
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

function exampleRecord(kind: Verdict['verdict']): RunRecord {
  const felt = kind !== 'unknown';
  const replayed = kind === 'pass';
  const settled = felt ? 52 : 44.8;
  const end = replayed ? 61.5 : felt ? 56 : 47;
  return {
    version: 1,
    id: '2025-03-05T14-03-11Z-clickhouse-blip',
    scenario: {
      name: 'clickhouse-blip',
      proves:
        'A ClickHouse outage of a few seconds under load loses events that no queue shows, and the S3 replay brings them back.',
      reproduces: 'langfuse#6380',
    },
    seed: '7f3a19c2',
    command: 'npx langfuse-chaos run clickhouse-blip --seed 7f3a19c2',
    stack: 'embedded',
    versions: {
      'langfuse-chaos': '0.1.0',
      'reference pipeline': '3.36.0',
      node: '24.21.0',
      redis: '7.0.15',
      postgres: '18.4',
      toxiproxy: '2.12.0',
      's3 server (versitygw)': '1.7.0',
      'clickhouse engine (chdb)': '26.7.2',
    },
    projectId: 'chaos-7f3a19c2',
    startedAt: at(-9.4),
    endedAt: at(end),
    phases: [
      { name: 'start stack', startedAt: at(-9.4), endedAt: at(-3) },
      { name: 'steady state before', startedAt: at(-3), endedAt: at(0) },
      { name: 'traffic and faults', startedAt: at(0), endedAt: at(40) },
      { name: 'heal', startedAt: at(40), endedAt: at(40.6) },
      { name: 'settle', startedAt: at(40.6), endedAt: at(settled) },
      ...(felt ? [{ name: 'retry failed jobs' as const, startedAt: at(52.1), endedAt: at(53.4) }] : []),
      ...(replayed ? [{ name: 'replay from S3' as const, startedAt: at(53.4), endedAt: at(58.2) }] : []),
      { name: 'steady state after', startedAt: at(end - 3), endedAt: at(end - 0.4) },
      { name: 'judge', startedAt: at(end - 0.4), endedAt: at(end) },
    ],
    faults: [
      {
        fault: 'refused',
        on: 'worker→clickhouse',
        injectedAt: at(12),
        ...(felt ? { feltAt: at(12.4), felt: 'a SELECT through the link was refused (ECONNREFUSED)' } : {}),
        recoveredAt: at(17),
        healedAt: at(17.9),
      },
    ],
    probes: [
      {
        label: 'ClickHouse away from the worker',
        endpoint: 'POST /api/public/ingestion',
        at: at(14),
        status: 207,
        body: '{"successes":[{"id":"probe-1","status":201}],"errors":[]}',
        tookMs: 21,
      },
      {
        label: 'ClickHouse away from the worker',
        endpoint: 'GET /api/public/traces',
        at: at(14.1),
        status: 200,
        body: '{"data":[],"meta":{"page":1,"limit":50,"totalItems":0,"totalPages":0}}',
        tookMs: 34,
      },
      {
        label: 'ClickHouse away from the worker',
        endpoint: 'GET /api/public/health',
        at: at(14.2),
        body: 'no answer within 5 s',
        tookMs: 5000,
      },
    ],
    samples: exampleSamples(felt, replayed, end),
    recovery: [
      ...(felt
        ? [
            {
              step: 'retry failed jobs' as const,
              startedAt: at(52.1),
              endedAt: at(53.3),
              done: 0,
              skipped: [],
            },
          ]
        : []),
      ...(replayed
        ? [
            {
              step: 'replay from S3' as const,
              startedAt: at(53.4),
              endedAt: at(57.6),
              done: 96,
              skipped: [{ reason: 'whole in ClickHouse', count: 835 }],
            },
          ]
        : []),
    ],
    doubts: [],
    traffic: { startedAt: at(0), endedAt: at(40) },
  };
}

/** One sample a second: landing stops during the outage, jobs pile up as delayed, and drain after it. */
function exampleSamples(felt: boolean, replayed: boolean, end: number): Sample[] {
  const random = createRandom('example samples');
  const samples: Sample[] = [];
  let sent = 0;
  let landed = 0;
  for (let second = -3; second <= end; second += 1) {
    if (second > 0 && second <= 40)
      sent = Math.min(EVENTS, sent + 50 + (second < 40 ? random.int(-4, 4) : 99));
    const acknowledged = Math.max(0, sent - REFUSED);
    const away = felt && second >= 12 && second <= 17;
    const dropped = felt && second >= 12 ? DROPPED : 0;
    const pending = away ? 60 + (second - 12) * 9 : second < 41 ? random.int(18, 40) : 0;
    const back = replayed && second >= 55 ? Math.min(DROPPED, (second - 54) * 70) : 0;
    const delayed = away
      ? (second - 11) * 12
      : felt && second > 17 && second < 27
        ? 72 - (second - 17) * 8
        : 0;
    if (!away) landed = Math.max(landed, acknowledged - BY_DESIGN - dropped - pending - delayed + back);
    samples.push({
      at: at(second),
      sent,
      acknowledged,
      landed,
      queue: {
        waiting:
          second > 0 && second < 41
            ? random.int(0, 9) + (away ? 22 : 0)
            : back > 0 && back < DROPPED
              ? 30
              : 0,
        active: second > 0 && second < 41 ? random.int(2, 8) : 0,
        delayed,
        failed: 0,
      },
    });
  }
  return samples;
}
