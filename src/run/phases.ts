import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { withoutSecrets } from '../base/secret-settings.ts';
import type { CheckpointName } from '../history/run-record.ts';
import type { HistoryWriter } from '../history/writer.ts';
import type { IngestionQueue } from '../langfuse/queue.ts';
import { entitiesOfBody, spanFormOf } from '../langfuse/span-events.ts';
import type { RawEvents } from '../langfuse/storage.ts';
import type { Tables } from '../langfuse/tables.ts';
import type { TargetFacts } from '../langfuse/target-facts.ts';
import { followGuide, isGuideStep } from '../recovery/common-guide.ts';
import { formatQuantity } from '../report/format.ts';
import type { LiveView } from '../report/live.ts';
import { CHECKPOINT_AFTER, type Scenario } from '../scenario/scenario.ts';
import type { Stack } from '../stack/stack.ts';
import type { TrafficFigures } from '../traffic/open-loop.ts';
import type { Traffic } from '../traffic/request.ts';
import { takeCheckpoint } from './checkpoint.ts';
import { jobsByEntity } from './jobs-by-entity.ts';
import { Journal, leaseLost, openFaults } from './journal.ts';
import type { Observer } from './observer.ts';
import type { OwnEvents } from './own-events.ts';
import { faultsOf } from './possible.ts';
import { askAll, WEB_ENDPOINTS, WORKER_ENDPOINTS } from './probe.ts';
import { type ProbeUnderFaultTools, probeWeb, probeWorker } from './probe-under-fault.ts';
import { quietTimeMs } from './quiet-time.ts';
import { recover, recoverInTheEnd } from './recover.ts';
import { replace } from './replace.ts';
import type { RunFolder } from './run-folder.ts';
import type { RunLog } from './run-log.ts';
import { send } from './send.ts';
import { settle, settleTimeoutMs } from './settle.ts';
import { checkSteadyState, sendUntilSeen } from './steady-state.ts';
import { runTimeline } from './timeline.ts';
import { LEASE_SECONDS } from './watchdog/lease.ts';

/** What the phases of a run work with once everything is open. */
export interface OpenRun {
  readonly scenario: Scenario;
  readonly traffic: Traffic;
  readonly stack: Stack;
  readonly folder: RunFolder;
  readonly log: RunLog;
  readonly view: LiveView;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What was found when the stack was up. */
  readonly facts: TargetFacts;
  readonly queue: IngestionQueue;
  readonly tables: Tables;
  readonly rawEvents: RawEvents;
  readonly history: HistoryWriter;
  readonly observer: Observer;
  readonly own: OwnEvents;
  /** The running figures of everything that was sent so far, one entry for each call of the sender. */
  readonly figures: TrafficFigures[];
}

/** The phases of a run on a stack that is up, in their order, with a checkpoint after each that may have changed what has landed. */
export async function carryOutPhases(run: OpenRun): Promise<void> {
  const { log, scenario } = run;
  await log.phase('steady state before', () => checkSteadyState(run, 'before'));
  await log.phase('traffic and faults', () => trafficUnderFaults(run));
  const isFaulty = faultsOf(scenario).length > 0;
  await log.phase(isFaulty ? 'heal' : 'checkpoint heal', () => checkpoint(run, 'heal'));
  await log.phase('steady state after', () => checkSteadyState(run, 'after'));
  await log.phase('settle', () => waitForRest(run, 'settled'));
  await checkpoint(run, 'settled');
  for (const step of scenario.recovery) {
    await log.phase(step, async () => {
      const record = await recoverInTheEnd(run, step);
      log.recovered(record);
      const stopped = record.skipped.some(({ reason }) => reason.startsWith('stopped'));
      // A step that had nothing to do leaves the target as much at rest as it was.
      if (record.done > 0 || stopped) await waitForRest(run, CHECKPOINT_AFTER[step]);
      await checkpoint(run, CHECKPOINT_AFTER[step]);
    });
  }
}

async function trafficUnderFaults(run: OpenRun): Promise<void> {
  const { scenario, log, stack, clock } = run;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const { journalFile } = run.folder;
  const journal = new Journal(journalFile, stack.folder, stack.spec.kind);
  log.trafficStarted();
  const sending = send(run, run.traffic.requests, signal);
  const timeline = runTimeline(scenario.timeline, {
    stack,
    journal: {
      injecting: (fault) => journal.injecting(fault),
      undone: (entry) => journal.undone(entry),
      takenOver: (entry, since) =>
        // The watchdog writes down that the lease has lapsed before it undoes anything.
        Date.parse(leaseLost(journalFile)?.at ?? '') >= since ||
        openFaults(journalFile).every((open) => open.entry !== entry),
    },
    clock,
    signal,
    onFault: (record) => log.fault(record),
    doubt: (code, text) => log.doubt(code, text),
    probe: async (label) =>
      log.probed(await askAll([...WEB_ENDPOINTS, ...WORKER_ENDPOINTS], probeTools(run, signal), label)),
    probeUnder: async ({ fault, probe: label }, record, timeoutMs) => {
      const ask = fault.on.startsWith('worker') ? probeWorker : probeWeb;
      const under = log.run.faults.indexOf(record);
      const asked = await ask(probeTools(run, signal), label, under, timeoutMs);
      log.probed(asked.records);
      return asked;
    },
    send: async (spec) => {
      const at = clock.now();
      const { acknowledged, refused } = await send(run, run.own.makeOdd(spec), signal);
      log.sentOdd({ name: spec.name, at, acknowledged, refused });
    },
    replace: replace(run, signal),
    recover: async (step) => {
      if (isGuideStep(step)) log.guided(await followGuide(step, stack.access.redis, { clock, signal }));
      else log.recovered(await recover(run, step));
    },
  });
  try {
    const [summary] = await Promise.all([sending, timeline]);
    // What the harness sends on its own account would otherwise pass for something that was put to the test.
    if (summary.acknowledged === 0)
      log.doubt('nothing-happened', 'No event of the traffic was acknowledged.');
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled([sending, timeline]);
    throw error;
  }
  log.trafficEnded();
  const lost = leaseLost(journalFile);
  if (lost) {
    log.doubt(
      'lease-lost',
      `At ${lost.at} this process had not shown a sign of life for more than ${LEASE_SECONDS} s, as on a machine that is suspended: its faults were not on, or not for as long, as planned.`,
    );
  }
}

function probeTools(run: OpenRun, signal: AbortSignal): ProbeUnderFaultTools {
  const { stack, clock, own, tables, queue, facts } = run;
  const form = spanFormOf(facts.profile, facts.writeMode);
  return {
    target: stack.target,
    clock,
    signal,
    writeMode: facts.writeMode,
    make: (path, purpose) => own.makeFor(path, purpose),
    tracesPath: own.tracesPath,
    entitiesOf: ({ body }) => entitiesOfBody(JSON.parse(body), form),
    send: async (request, timeoutMs, onAnswer) => {
      await send(run, [request], run.signal, { onAnswer: (_, answer) => onAnswer(answer), timeoutMs });
    },
    haveLanded: async (entities) => {
      const wanted = new Set(entities);
      const ids = entities.map((entity) => entity.slice(entity.indexOf('/') + 1));
      for await (const { kind, id } of tables.readRows({ projectId: stack.target.projectId, ids }))
        wanted.delete(`${kind}/${id}`);
      return wanted.size === 0;
    },
    hasFailed: async (entities) => {
      // Stacks start a job at once, so one that is delayed waits for its next attempt.
      const jobs = jobsByEntity(queue, run.rawEvents, stack.target.projectId);
      for await (const { entity, state } of jobs)
        if (entities.includes(entity) && ['delayed', 'failed'].includes(state)) return true;
      return false;
    },
    withoutSecrets: (text) => withoutSecrets(text, stack.secrets),
  };
}

async function waitForRest(run: OpenRun, name: CheckpointName): Promise<void> {
  const { queue, tables, stack, scenario, clock, signal } = run;
  const quietMs = await quietTimeMs(
    { spec: stack.spec, access: stack.access, queues: run.facts.queues },
    writeIntervalMs(scenario),
  );
  const rest = await settle(
    {
      depths: () => queue.depths(),
      rowsFingerprint: () => tables.fingerprint(stack.target.projectId),
      follow: (timeoutMs) => sendUntilSeen(run, `follow what came before ${name}`, timeoutMs),
    },
    {
      quietMs,
      timeoutMs: settleTimeoutMs(scenario) + 2 * quietMs,
      clock,
      signal,
    },
  );
  if (!rest.settled)
    run.log.doubt('not-settled', `The target had not come to rest at the checkpoint ${name}: ${rest.why}.`);
}

async function checkpoint(run: OpenRun, name: CheckpointName): Promise<void> {
  const { queue, tables, rawEvents, stack, folder, clock } = run;
  await run.observer.sample();
  try {
    const incomplete = await takeCheckpoint(
      name,
      { queue, tables, rawEvents },
      {
        projectId: stack.target.projectId,
        historyFile: folder.historyFile,
        file: folder.checkpointFile(name),
        clock,
        form: spanFormOf(run.facts.profile, run.facts.writeMode),
      },
    );
    run.log.changed(
      `checkpoint ${name}: ${formatQuantity(incomplete, 'entity', 'entities')} without all that was sent of them, also in requests that were not acknowledged`,
    );
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.doubt(
      'checkpoint-unreadable',
      `The checkpoint ${name} could not be read: ${messageOf(error).split('\n')[0]}`,
    );
  }
}

/** Milliseconds between two flushes of the worker's buffer; an empty setting counts as none, as for Langfuse. */
export function writeIntervalMs(scenario: Scenario): number {
  return Number(scenario.settings?.worker?.LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS || 1000);
}
