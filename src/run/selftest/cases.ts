import type { Stage } from '../../checker/verdict.ts';
import { DEFECTS, type Defect } from '../../reference/defects.ts';
import type { Scenario, TimelineStep } from '../../scenario/scenario.ts';
import type { ExpectedFinding, SelfTestExpectation } from './expectation.ts';

/** One planted defect, a scenario that brings it out, and what the verdict must say. */
export interface SelfTestCase {
  /** Name of the defect, or `none` for the run without one. */
  readonly name: Defect | 'none';
  /** What was planted, in words. */
  readonly what: string;
  readonly scenario: Scenario;
  readonly expect: SelfTestExpectation;
}

type Settings = NonNullable<Scenario['settings']>;

/** What a case's scenario has of its own; the rest is alike for all. */
interface Own extends Partial<Omit<Scenario, 'settings'>> {
  readonly web?: Settings['web'];
  readonly worker?: Settings['worker'];
}

const LITTLE_TRAFFIC = { kind: 'generated', rate: 20, duration: 2, maxBatch: 5, maxBytes: 2000 } as const;

const BOTH_STEPS = ['retry failed jobs', 'replay from S3'] as const;

/** Traffic of three seconds and short waits, one job at a time; no fault, no recovery. */
function scenarioOf(name: SelfTestCase['name'], what: string, { web, worker, ...own }: Own): Scenario {
  // Five attempts last 1.5 s instead of 75 s.
  const backOff = { REFERENCE_BACKOFF_SCALE: '0.02' };
  return {
    name: `selftest-${name}`,
    proves: `With a defect planted, the verdict names it: ${what}.`,
    traffic: { kind: 'generated', rate: 40, duration: 3, maxBatch: 5, maxBytes: 2000 },
    timeline: [],
    recovery: [],
    expect: [],
    settings: {
      web: { ...backOff, ...web },
      worker: {
        ...backOff,
        LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
        // Two jobs of one entity at once may lose an update (Langfuse v3.36.0 does so), which is not the defect's doing.
        LANGFUSE_INGESTION_QUEUE_PROCESSING_CONCURRENCY: '1',
        ...worker,
      },
    },
    ...own,
  };
}

/** A case whose findings are all bad, so that the reasons are their outcomes. */
function failing(
  name: Defect,
  planted: readonly ExpectedFinding[],
  own: Own = {},
  more: Partial<SelfTestExpectation> = {},
): SelfTestCase {
  const reasons = [...new Set(planted.map(({ outcome }) => outcome))];
  return {
    name,
    what: DEFECTS[name],
    scenario: scenarioOf(name, DEFECTS[name], own),
    expect: { verdict: 'fail', reasons, planted, ...more },
  };
}

const lost = (stage: Stage): readonly ExpectedFinding[] => [{ outcome: 'lost', stages: { settled: stage } }];
const altered = (...fields: string[]): readonly ExpectedFinding[] => [{ outcome: 'altered', fields }];
/** The time of an entity, which each kind has under another name. */
const OTHER_TIME: readonly ExpectedFinding[] = [
  {
    outcome: 'altered',
    fields: { trace: ['timestamp'], observation: ['start_time'], score: ['timestamp'] },
  },
];

/** Missing until the replay, and found nowhere but in S3 until then. */
const REPLAYED: ExpectedFinding = {
  outcome: 'recovered-by-replay',
  stages: { settled: 's3-only', 'after-retry': 's3-only' },
};
const NOT_REPLAYED: ExpectedFinding = {
  outcome: 'lost',
  stages: { settled: 's3-only', 'after-retry': 's3-only', 'after-replay': 's3-only' },
};

const clickHouseAway = (at: number, seconds: number): TimelineStep => ({
  at,
  for: seconds,
  fault: { name: 'refused', on: 'worker→clickhouse' },
});

/** No row is dropped by the writer, so that what is missing is the defect's work. */
const NO_DROP = { LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000' };

/** One case for each planted defect, and first of all the run without one, which must pass. */
export const CASES: readonly SelfTestCase[] = [
  {
    name: 'none',
    what: 'no defect',
    scenario: scenarioOf('none', 'without one it passes', { recovery: BOTH_STEPS }),
    expect: { verdict: 'pass', reasons: [], planted: [] },
  },

  failing('acknowledge-before-s3', lost('not-in-s3')),
  failing('skip-s3', lost('not-in-s3')),
  failing('acknowledge-before-queue', lost('s3-only')),
  failing('land-refused', [{ outcome: 'leaked' }]),
  failing(
    'stuck-in-queue',
    lost('queued'),
    // Enough for the other events even on a busy machine; the run always takes all of it.
    { traffic: LITTLE_TRAFFIC, settleTimeout: 12 },
    {
      // As long as a job is queued its event may come, so nothing is proven.
      verdict: 'unknown',
      reasons: ['absent', 'not-settled'],
    },
  ),

  // The last event is acknowledged 18 s before it can land, and nothing else takes longer than 15 s.
  failing(
    'land-after-budget',
    [],
    {
      traffic: LITTLE_TRAFFIC,
      visibilityBudget: 15,
      expect: [
        {
          kind: 'must',
          text: 'nothing is late',
          about: 'outcome',
          outcome: 'late',
          at: 'settled',
          atMost: 0,
        },
      ],
    },
    { reasons: ['expectation'], counted: 'late' },
  ),

  failing('complete-before-buffered', lost('s3-only')),
  failing('drop-after-one-attempt', lost('s3-only'), {
    timeline: [clickHouseAway(0.5, 3.5)],
    worker: NO_DROP,
  }),
  failing('fail-for-ever', lost('failed-set')),
  failing('evict-from-failed-set', lost('s3-only'), {}, { others: lost('failed-set') }),
  failing('hide-delayed-jobs', lost('s3-only')),
  failing('replay-skips', [NOT_REPLAYED], { recovery: BOTH_STEPS }, { others: [REPLAYED] }),
  failing(
    'replay-doubles',
    [{ outcome: 'duplicated' }, REPLAYED],
    { recovery: BOTH_STEPS },
    {
      reasons: ['duplicated'],
    },
  ),
  failing('replay-does-nothing', [NOT_REPLAYED], { recovery: BOTH_STEPS }),

  failing('drop-updates', lost('s3-only')),
  failing('merge-in-wrong-order', [{ outcome: 'altered' }]),
  failing('overwrite-by-stale-merge', lost('s3-only')),

  failing('swallow-insert-error', lost('s3-only')),
  failing('lose-last-row', lost('s3-only')),
  failing('cut-long-input', altered('input')),
  failing('swap-two-fields', altered('user_id', 'session_id')),
  failing('wrong-project', [...lost('clickhouse-hidden'), { outcome: 'unexpected' }]),
  failing('double-on-another-day', [{ outcome: 'duplicated' }]),
  failing('double-on-retry', [{ outcome: 'duplicated' }]),
  failing('invent-row', [{ outcome: 'unexpected' }]),
  failing('vanish-after-seen', [{ outcome: 'vanished', stages: { settled: 'clickhouse-hidden' } }]),
  failing('lose-tag', altered('tags')),
  failing('lose-metadata-key', altered('metadata')),
  failing('shift-time', OTHER_TIME),
  failing('score-under-another-trace', altered('trace_id')),
  failing('cut-milliseconds', altered('end_time')),
  failing('normalise-text', altered('input')),
  failing('round-score', altered('value')),
  failing('blank-for-null', altered('version')),
];
