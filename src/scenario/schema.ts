import { z } from 'zod';
import { ChaosError } from '../base/errors.ts';
import { CHECKPOINT_NAMES } from '../history/run-record.ts';
import type { Scenario } from './scenario.ts';

const seconds = z.number().nonnegative().max(86_400);
const environment = z.record(z.string(), z.string());
const bounds = { atLeast: z.int().nonnegative().optional(), atMost: z.int().nonnegative().optional() };
const kind = z.enum(['must', 'shows']);
const text = z.string().min(1);
const at = z.enum(CHECKPOINT_NAMES);

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
  }),
]);

const step = z.union([
  z.strictObject({ at: seconds, for: seconds.positive(), fault: z.looseObject({ name: text, on: text }) }),
  z.strictObject({ at: seconds, probe: text }),
]);

const expectation = z.union([
  z.strictObject({ kind, text, about: z.enum(['missing', 'blind-loss', 'failed-set']), at, ...bounds }),
  z.strictObject({ kind, text, about: z.literal('outcome'), outcome: text, at, ...bounds }),
  z.strictObject({ kind, text, about: z.literal('probe'), label: text, endpoint: text, status: z.int() }),
]);

const scenario = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and dashes'),
  proves: text,
  reproduces: text.optional(),
  traffic,
  timeline: z.array(step),
  recovery: z.array(z.enum(['retry failed jobs', 'replay from S3'])),
  expect: z.array(expectation),
  visibilityBudget: seconds.optional(),
  settings: z.strictObject({ web: environment.optional(), worker: environment.optional() }).optional(),
  settleTimeout: seconds.optional(),
});

/**
 * Checks a scenario that came from a file.
 *
 * @param value what the file exports as default
 * @param place the file, for the message
 * @throws ChaosError `E_SCENARIO` with the place of each mistake
 */
export function parseScenario(value: unknown, place: string): Scenario {
  const result = scenario.safeParse(value);
  // The schema's optional fields allow an explicit undefined, which no reader of a Scenario tells from absence.
  if (result.success) return result.data as Scenario;
  throw new ChaosError({
    code: 'E_SCENARIO',
    happened: `${place} is not a scenario:\n${z.prettifyError(result.error)}`,
    expected: 'a default export of the type Scenario (src/scenario/scenario.ts)',
    remedy: 'correct the file; `langfuse-chaos plan FILE` checks it without starting anything.',
  });
}
