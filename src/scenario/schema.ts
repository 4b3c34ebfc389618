import { z } from 'zod';
import { ChaosError } from '../base/errors.ts';
import { CHECKPOINT_NAMES, type CheckpointName, PERSISTED } from '../history/run-record.ts';
import { mistakesOf } from './mistakes.ts';
import { BAD_OUTCOMES, NAMED_REASONS, OUTCOMES, STAGES } from './outcomes.ts';
import { overlap, REPLACEMENT } from './overlap.ts';
import {
  CHECKPOINT_AFTER,
  GUIDE_STEPS,
  MET_JOBS,
  PROTOCOLS,
  RECOVERY_ORDER,
  type RecoveryStep,
  type Scenario,
  type TimelineStep,
} from './scenario.ts';
import { WAY_NUMBERS } from './ways.ts';

const seconds = z.number().nonnegative().max(86_400);
const environment = z.record(z.string(), z.string());
const bounds = { atLeast: z.int().nonnegative().optional(), atMost: z.int().nonnegative().optional() };
const bounded = ({ atLeast, atMost }: { atLeast?: number | undefined; atMost?: number | undefined }) =>
  (atLeast !== undefined || atMost !== undefined) && (atLeast ?? 0) <= (atMost ?? Number.POSITIVE_INFINITY);
const boundedError =
  'needs atLeast or atMost, and the first not above the second: without them it always holds';
const kind = z.enum(['must', 'shows']);
const text = z.string().min(1);
const at = z.enum(CHECKPOINT_NAMES);

/** `->` is taken for `→`, which not every keyboard has. */
const withArrow = (on: string) => on.replace('->', '→');
const place = text.transform(withArrow);

const traffic = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('recording'),
    file: text,
    speed: z.number().positive().max(1000),
    repeat: z.int().min(1).max(10_000),
  }),
  z.strictObject({
    kind: z.literal('generated'),
    rate: z.number().positive().max(100_000),
    duration: z.number().positive().max(86_400),
    maxBatch: z.int().min(1).max(100),
    maxBytes: z.int().min(100).max(100_000),
    startsAt: z.iso.datetime().optional(),
    protocol: z.enum(PROTOCOLS).optional(),
  }),
]);

/** What two faults of a timeline touch at the same time, if anything. */
function overlapOf(steps: readonly TimelineStep[]): string | undefined {
  return overlap(
    steps.flatMap((step) => {
      if ('fault' in step) return [{ at: step.at, for: step.for, faults: [step.fault] }];
      // What comes later waits for it; what is still on would be undone by it.
      if ('replace' in step) return [{ at: step.at, for: 0, faults: [REPLACEMENT] }];
      // How long several in turn last, nobody knows before.
      const faults = 'inTurn' in step ? step.inTurn.map(({ fault }) => fault) : [];
      return [{ at: step.at, for: Number.POSITIVE_INFINITY, faults }];
    }),
  );
}

const step = z.union([
  z.strictObject({
    at: seconds,
    for: seconds.positive(),
    fault: z.looseObject({ name: text, on: place }),
    outlastsAttempts: z.boolean().optional(),
  }),
  z.strictObject({ at: seconds, probe: text }),
  z.strictObject({
    at: seconds,
    timeout: seconds.positive(),
    inTurn: z
      .array(
        z.strictObject({
          fault: z.looseObject({
            name: text,
            on: text
              .regex(/^(web|worker)(→|->|$)/, 'the web or the worker, or a link of theirs')
              .transform(withArrow),
          }),
          probe: text,
        }),
      )
      .min(1),
  }),
  z.strictObject({ at: seconds, send: z.looseObject({ name: text }) }),
  z.strictObject({ at: seconds, recover: z.enum([...RECOVERY_ORDER, ...GUIDE_STEPS]) }),
  z.strictObject({
    at: seconds,
    replace: z.enum(['web', 'worker']),
    by: z.enum(['other', 'own']),
    meets: z.array(z.enum(MET_JOBS)).min(1).optional(),
  }),
]);

const expectation = z.union([
  z
    .strictObject({ kind, text, about: z.enum(['missing', 'blind-loss', 'failed-set']), at, ...bounds })
    .refine(bounded, boundedError),
  z
    .strictObject({ kind, text, about: z.literal('outcome'), outcome: z.enum(OUTCOMES), at, ...bounds })
    .refine(bounded, boundedError),
  z
    .strictObject({ kind, text, about: z.literal('stage'), stage: z.enum(STAGES), at, ...bounds })
    .refine(bounded, boundedError),
  z
    .strictObject({
      kind,
      text,
      about: z.literal('probe'),
      label: text,
      endpoint: text,
      status: z.int().optional(),
      body: text.optional(),
      persisted: z.enum(PERSISTED).optional(),
    })
    .refine(({ status, body, persisted }) => (status ?? body ?? persisted) !== undefined, {
      error: 'needs status, body or persisted: without them it always holds',
    }),
  z
    .strictObject({
      kind,
      text,
      about: z.literal('guide'),
      step: z.enum(GUIDE_STEPS),
      did: text.optional(),
      broughtBack: z.int().nonnegative().optional(),
    })
    .refine(({ did, broughtBack }) => (did ?? broughtBack) !== undefined, {
      error: 'needs did or broughtBack: without them it always holds',
    }),
]);

/** The checkpoints that a run with these recovery steps has. */
function checkpointsOf(recovery: readonly RecoveryStep[]): readonly CheckpointName[] {
  return ['heal', 'settled', ...recovery.map((step) => CHECKPOINT_AFTER[step])];
}

/** What a scenario file may hold. */
export const scenarioSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and dashes'),
    proves: text,
    reproduces: text.optional(),
    ways: z.array(z.enum(WAY_NUMBERS)).min(1).optional(),
    traffic,
    timeline: z.array(step).refine((steps) => overlapOf(steps as TimelineStep[]) === undefined, {
      error: (issue) =>
        `two faults on ${overlapOf(issue.input as TimelineStep[])} overlap: undoing one would undo part of the other, or one be taken for the other`,
    }),
    // In this order only, each once: the checkpoints have theirs, and the last of them decides.
    recovery: z
      .array(z.enum(['retry failed jobs', 'replay from S3']))
      .refine((steps) => steps.join() === RECOVERY_ORDER.filter((step) => steps.includes(step)).join(), {
        error: 'the retry comes before the replay, each at most once',
      }),
    failsOnV3360With: z
      .array(z.enum(NAMED_REASONS))
      .refine((named) => named.some((code) => BAD_OUTCOMES.some((bad) => bad === code)), {
        error: `names at least one of ${BAD_OUTCOMES.join(', ')}`,
      })
      .optional(),
    expect: z.array(expectation),
    redisAppendOnly: z.boolean().optional(),
    visibilityBudget: seconds.optional(),
    settings: z.strictObject({ web: environment.optional(), worker: environment.optional() }).optional(),
    settleTimeout: seconds.optional(),
  })
  .refine(
    ({ expect, recovery }) =>
      expect.every((each) => !('at' in each) || checkpointsOf(recovery).includes(each.at)),
    {
      error: 'an expectation names a checkpoint that the run does not have: its recovery step is missing',
      path: ['expect'],
    },
  );

/**
 * Checks a scenario that came from a file.
 *
 * @param value what the file exports as default
 * @param place the file, for the message
 * @throws ChaosError `E_SCENARIO` with the place of each mistake
 */
export function parseScenario(value: unknown, place: string): Scenario {
  const result = scenarioSchema.safeParse(value);
  // The schema's optional fields allow an explicit undefined, which no reader of a Scenario tells from absence.
  if (result.success) return result.data as Scenario;
  throw new ChaosError({
    code: 'E_SCENARIO',
    happened: `${place} is not a scenario:\n${mistakesOf(result.error, value)}`,
    expected:
      'a default export of the type Scenario; docs/scenarios.md has an example and explains every field',
    remedy: 'correct the file; `langfuse-chaos plan FILE` checks it without starting anything.',
  });
}
