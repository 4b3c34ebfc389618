import type { Clock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { waitUntil } from '../base/wait-until.ts';
import { JOBS_PROBE, type ProbeRecord } from '../history/run-record.ts';
import type { EntityKey } from '../langfuse/events.ts';
import type { PlannedRequest } from '../traffic/request.ts';
import { askAll, type Endpoint, isWell, type ProbeTools, WEB_ENDPOINTS, WORKER_ENDPOINTS } from './probe.ts';
import type { AskedUnderFault } from './timeline.ts';

/** What a probe under a fault works with. */
export interface ProbeUnderFaultTools extends ProbeTools {
  /** Whether every one of these entities has a row. */
  readonly haveLanded: (entities: readonly EntityKey[]) => Promise<boolean>;
  /** Whether a job of one of these entities has failed at least once. */
  readonly hasFailed: (entities: readonly EntityKey[]) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** The answers under a fault. `untilWell` writes into them how long it took. */
export interface ProbeUnderFault extends AskedUnderFault {
  readonly records: readonly ProbeRecord[];
}

/** Milliseconds that an endpoint which was not well has to recover once the fault is undone. */
const RECOVERY_TIMEOUT_MS = 30_000;
/** Milliseconds between two questions to an endpoint that is not well. */
const PATIENCE_MS = 100;
/** Milliseconds that an answer may take during the recovery: one request that hangs must not hide that the next would be answered. */
const RECOVERY_ANSWER_MS = 3000;

/** The endpoints of the web that a table of faults has; those that list observations answer as those that list traces. */
const ASKED_OF_WEB = WEB_ENDPOINTS.filter(({ name }) => name !== 'GET /api/public/observations');

/** Asks the endpoints of the web while a fault is on that hits it. */
export async function probeWeb(
  tools: ProbeUnderFaultTools,
  label: string,
  under: number,
  timeoutMs: number,
): Promise<ProbeUnderFault> {
  return probeEndpoints(ASKED_OF_WEB, tools, label, under, timeoutMs);
}

/** Asks the endpoints of the worker, and sees whether its jobs go on, while a fault is on that hits it. */
export async function probeWorker(
  tools: ProbeUnderFaultTools,
  label: string,
  under: number,
  timeoutMs: number,
): Promise<ProbeUnderFault> {
  const [endpoints, jobs] = await Promise.all([
    probeEndpoints(WORKER_ENDPOINTS, tools, label, under, timeoutMs),
    probeJobs(tools, label, under),
  ]);
  return {
    records: [...endpoints.records, ...jobs.records],
    askAgain: () => Promise.all([endpoints.askAgain(), jobs.askAgain()]),
    untilWell: async (undoneAt) => {
      await Promise.all([endpoints.untilWell(undoneAt), jobs.untilWell(undoneAt)]);
    },
  };
}

async function probeEndpoints(
  endpoints: readonly Endpoint[],
  tools: ProbeUnderFaultTools,
  label: string,
  under: number,
  timeoutMs: number,
): Promise<ProbeUnderFault> {
  const records = (await askAll(endpoints, tools, label, timeoutMs)).map((record) => ({ ...record, under }));
  const askAgain = async (record: ProbeRecord, endpoint: Endpoint, undoneAt: number) => {
    const again = `${label}, undone`;
    record.recovery = await howLong(tools, undoneAt, async () =>
      isWell(await endpoint.ask(tools, again, RECOVERY_ANSWER_MS)),
    );
  };
  return {
    records,
    askAgain: () => askAll(endpoints, tools, label, timeoutMs),
    untilWell: async (undoneAt) => {
      await Promise.all(
        records.map((record, index) =>
          isWell(record) ? undefined : askAgain(record, endpoints[index] as Endpoint, undoneAt),
        ),
      );
    },
  };
}

/** Milliseconds in which an event must have landed for the jobs to go on; without a fault it takes a fraction of that. */
const JOB_TIMEOUT_MS = 5000;
/** Milliseconds in which the web must take an event. It may be away itself: the two are not hit one after the other. */
const ACKNOWLEDGED_TIMEOUT_MS = 30_000;

/** Has an event acknowledged while the fault is on, and looks whether it lands. */
async function probeJobs(
  tools: ProbeUnderFaultTools,
  label: string,
  under: number,
): Promise<ProbeUnderFault> {
  const { clock, signal } = tools;
  const at = clock.now();
  const sent = await sendUntilAcknowledged(tools, label);
  const common = { label, endpoint: JOBS_PROBE, under };
  const askAgain = () => sendUntilAcknowledged(tools, label);
  if (!sent) {
    const body = 'not known: the web took no event meanwhile';
    return {
      records: [{ ...common, at, body, tookMs: clock.now() - at }],
      askAgain,
      untilWell: async () => undefined,
    };
  }
  const entities = tools.entitiesOf(sent.request);
  const landed = () => tools.haveLanded(entities);
  let goneOn = false;
  await within(clock, signal, JOB_TIMEOUT_MS, async () => {
    goneOn = await landed();
    return goneOn || (await tools.hasFailed(entities));
  });
  const body = goneOn ? 'went on: the event landed' : 'held up: the event did not land';
  const record: ProbeRecord = {
    ...common,
    at: sent.at,
    body,
    tookMs: clock.now() - sent.at,
    entities,
  };
  return {
    records: [record],
    askAgain,
    untilWell: async (undoneAt) => {
      if (!goneOn) record.recovery = await howLong(tools, undoneAt, landed);
    },
  };
}

async function sendUntilAcknowledged(
  { make, tracesPath, send, clock, signal }: ProbeUnderFaultTools,
  label: string,
): Promise<{ request: PlannedRequest; at: number } | undefined> {
  let sent: { request: PlannedRequest; at: number } | undefined;
  await within(clock, signal, ACKNOWLEDGED_TIMEOUT_MS, async () => {
    const request = make(tracesPath, `probe: ${label}`);
    await send(request, RECOVERY_ANSWER_MS, ({ allAcknowledged }) => {
      if (allAcknowledged) sent = { request, at: clock.now() };
    });
    return sent !== undefined;
  });
  return sent;
}

async function howLong(
  { clock, signal }: ProbeUnderFaultTools,
  since: number,
  look: () => Promise<boolean>,
): Promise<NonNullable<ProbeRecord['recovery']>> {
  const well = await within(clock, signal, RECOVERY_TIMEOUT_MS, look);
  const ms = clock.now() - since;
  return well ? { afterMs: ms } : { notWithinMs: ms };
}

/** Whether something came true in time. */
async function within(
  clock: Clock,
  signal: AbortSignal,
  timeoutMs: number,
  look: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await waitUntil('the target', look, { timeoutMs, intervalMs: PATIENCE_MS, clock, signal });
  } catch (error) {
    if (error instanceof ChaosError && error.code === 'E_TIMEOUT') return false;
    throw error;
  }
}
