import { z } from 'zod';
import { CHECKPOINT_NAMES } from '../history/run-record.ts';
import type { EventType } from '../langfuse/events.ts';
import { OUTCOMES, STAGES, type Verdict } from './verdict.ts';

const EVENT_TYPES = [
  'trace-create',
  'span-create',
  'span-update',
  'generation-create',
  'generation-update',
  'event-create',
  'score-create',
  'observation-create',
  'observation-update',
  'sdk-log',
] as const satisfies readonly EventType[];

const count = z.int().nonnegative();
const time = z.number().describe('Milliseconds since the epoch.');
const outcome = z.enum(OUTCOMES);
const stage = z.enum(STAGES);
const checkpointName = z.enum(CHECKPOINT_NAMES);

const difference = z.strictObject({
  field: z.string().describe('Column of the row; of metadata `metadata.<key>`.'),
  stored: z.string().describe('JSON text, cut at 200 characters, or `absent`.'),
  allowed: z.array(z.string()).describe('As `stored`; at most 5 values.'),
});

const finding = z.strictObject({
  outcome,
  entity: z.templateLiteral([z.enum(['trace', 'observation', 'score']), '/', z.string()]),
  eventId: z.string().exactOptional().describe('Envelope id; absent for what was never sent.'),
  type: z.enum(EVENT_TYPES).exactOptional(),
  request: count.exactOptional().describe('Number of the request in the history.'),
  sentAt: time.exactOptional(),
  stages: z
    .partialRecord(checkpointName, stage)
    .describe('The last stage that held a copy, at each checkpoint at which the event was missing.'),
  differences: z.array(difference).exactOptional(),
  note: z.string().exactOptional(),
});

const checkpoint = z.strictObject({
  name: checkpointName,
  at: time,
  outcomes: z
    .record(outcome, count)
    .describe(
      'Events by outcome, as if this had been the last checkpoint; for duplicated and unexpected, entities.',
    ),
  missing: z.record(stage, count).describe('Acknowledged events that are missing, by stage.'),
  blindLoss: count.describe(
    'Missing events that neither the queue nor the failed set holds. At heal, where it is not judged, always 0.',
  ),
  failedSet: count.describe('Failed jobs of the ingestion queue.'),
});

/** Schema of `verdict.json`; published as `docs/verdict.schema.json`. */
export const verdictSchema: z.ZodType<Verdict> = z
  .strictObject({
    version: z.literal(1),
    run: z.string(),
    scenario: z.string(),
    seed: z.string(),
    verdict: z.enum(['pass', 'fail', 'unknown']),
    sentence: z.string(),
    reasons: z.array(
      z.strictObject({ verdict: z.enum(['fail', 'unknown']), code: z.string(), text: z.string() }),
    ),
    counts: z.strictObject({
      requests: count,
      events: count,
      entities: count,
      acknowledged: count,
      refused: count,
      indeterminate: count,
    }),
    checkpoints: z.array(checkpoint),
    expectations: z.array(
      z.strictObject({
        text: z.string(),
        held: z.boolean(),
        seen: z.string(),
        kind: z.enum(['must', 'shows']),
      }),
    ),
    findings: z.array(finding).describe('The worst first, at most 10,000.'),
    findingsLeftOut: count.exactOptional().describe('How many more findings there are than are listed.'),
  })
  .meta({ title: 'Verdict of a langfuse-chaos run' });

/** The schema as JSON Schema (2020-12). */
export function verdictJsonSchema(): object {
  return z.toJSONSchema(verdictSchema);
}

// `node src/checker/verdict.schema.ts > docs/verdict.schema.json` publishes it.
if (import.meta.main) console.log(JSON.stringify(verdictJsonSchema(), undefined, 2));
