import { randomUUID } from 'node:crypto';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { waitUntil } from '../../base/wait-until.ts';
import { INGESTION_PATH } from '../../langfuse/endpoints.ts';
import type { Stack } from '../stack.ts';
import type { Engine } from './engine.ts';
import { logForError } from './logs.ts';

const LANDS_MS = 60_000;
const ANSWER_MS = 10_000;

/**
 * Proves that a stack works from end to end: sends one event and waits until it has landed in ClickHouse. A score, which every version of
 * Langfuse takes by this endpoint, v4 in its default write mode too. Only where a person works with the stack: a run proves it
 * with events of its own, and would take this one for a stranger's.
 *
 * @throws ChaosError `E_STACK_START`, with the worker's last log lines, when it does not land within a minute
 */
export async function untilEventLands(engine: Engine, stack: Stack, signal?: AbortSignal): Promise<void> {
  const { target, access } = stack;
  const id = randomUUID();
  const timestamp = new Date().toISOString();
  const score = { id, traceId: randomUUID(), name: 'langfuse-chaos-up', value: 1, dataType: 'NUMERIC' };
  const batch = [{ id: randomUUID(), type: 'score-create', timestamp, body: score }];
  try {
    const answer = await fetch(`${target.url}${INGESTION_PATH}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${target.publicKey}:${target.secretKey}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ batch }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await answer.text();
    if (answer.status !== 207 || !text.includes('"status":201')) {
      throw new Error(`it was answered ${answer.status}: ${text.slice(0, 200)}`);
    }
    await waitUntil('it to land in ClickHouse', () => hasLanded(access.clickhouse, id), {
      timeoutMs: LANDS_MS,
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new ChaosError({
      code: 'E_STACK_START',
      happened: `Every component answers, but an event did not get through: ${messageOf(error)}`,
      log: await logForError(engine, stack, 'worker'),
      remedy: "see the worker's last words above; docs/docker.md says what each container needs.",
      cause: error,
    });
  }
}

async function hasLanded({ url, ...access }: Stack['access']['clickhouse'], id: string): Promise<boolean> {
  const response = await fetch(`${url}/?database=${access.database}`, {
    method: 'POST',
    headers: { 'x-clickhouse-user': access.username, 'x-clickhouse-key': access.password },
    body: `SELECT count() FROM scores WHERE id = '${id}'`,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return response.ok && (await response.text()).trim() !== '0';
}
