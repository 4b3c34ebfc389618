import { ChaosError } from '../base/errors.ts';
import type { Target } from './access.ts';
import { INGESTION_PATH, WORKER_HEALTH_PATH } from './endpoints.ts';
import type { Profile } from './profile.ts';
import type { TargetFacts } from './target-facts.ts';

/** Milliseconds that web and worker have for an answer; the first one after a start takes long. */
const ANSWER_TIMEOUT_MS = 60_000;

/** An event that no version stores: it has neither a body nor a time. `events_only` refuses its type before it looks at these. */
const NO_EVENT = { id: 'langfuse-chaos-asks-for-the-write-mode', type: 'trace-create' };

/**
 * How a target stores traces and observations, by what it shows from outside; nothing is stored by asking.
 *
 * - `events_only` is what the web says when it refuses an event for its type (`web/src/pages/api/public/ingestion.ts`, v3.179.0 to v4.16.0);
 * - without the table `events_full` there is only `legacy`;
 * - otherwise the worker tells on its health endpoint whether it fills that table (`worker/src/features/health/index.ts`, from v3.203.2 on):
 *   `dual` if it does.
 *
 * @throws ChaosError `E_WRITE_MODE` when the web gives another answer, or none: which table holds what can't be told then
 */
export async function findWriteMode(
  target: Target,
  profile: Profile,
  tables: readonly string[],
): Promise<Pick<TargetFacts, 'writeMode' | 'writeModeBy'>> {
  const [only, ...others] = profile.writeModes;
  if (others.length === 0) return { writeMode: only, writeModeBy: 'this version has no other' };
  const refusal = await ingestionRefusal(target);
  if (refusal === 'Event type not accepted') {
    return { writeMode: 'events_only', writeModeBy: `the web refuses a trace with “${refusal}”` };
  }
  if (refusal !== 'Invalid request data') {
    throw new ChaosError({
      code: 'E_WRITE_MODE',
      happened: `The target did not show how it stores traces: asked to refuse an event, its web answered “${refusal}”.`,
      expected: 'a refusal of the type, or of the event as it is',
      remedy:
        'see whether the web is well (its log tells); nothing can be judged without knowing where rows must be.',
    });
  }
  if (!tables.includes('events_full')) {
    return {
      writeMode: 'legacy',
      writeModeBy: 'the web takes traces, and ClickHouse has no table events_full',
    };
  }
  const fills = await workerFillsEvents(target);
  if (fills === undefined) {
    return { writeMode: undefined, writeModeBy: 'the web takes traces; the worker does not tell the rest' };
  }
  return fills
    ? { writeMode: 'dual', writeModeBy: 'the web takes traces, and the worker fills events_full' }
    : { writeMode: 'legacy', writeModeBy: 'the web takes traces, and the worker does not fill events_full' };
}

/** Why the web refuses an event that it can't store; in words of ours where it does something else. */
async function ingestionRefusal({ url, publicKey, secretKey }: Target): Promise<string> {
  try {
    const answer = await fetch(`${url}${INGESTION_PATH}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${publicKey}:${secretKey}`)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ batch: [NO_EVENT] }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const { errors } = (await answer.json()) as { errors?: { message?: string }[] };
    return errors?.[0]?.message ?? `status ${answer.status}`;
  } catch {
    return 'nothing';
  }
}

/** Whether the worker fills `events_full`; undefined when it does not say, or nobody knows its address. */
async function workerFillsEvents(target: Target): Promise<boolean | undefined> {
  try {
    // Of an external target the address may be unknown, and then can't even be asked for.
    const answer = await fetch(`${target.workerUrl}${WORKER_HEALTH_PATH}?failIfEventPropagationStuck=true`, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const { eventPropagation } = (await answer.json()) as { eventPropagation?: { enabled?: boolean } };
    return eventPropagation?.enabled;
  } catch {
    return undefined;
  }
}
