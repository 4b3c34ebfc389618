import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { createRandom, type Random } from '../base/random.ts';
import { waitUntil } from '../base/wait-until.ts';
import type { CheckpointName, RecoveryRecord } from '../history/run-record.ts';
import { type HistoryWriter, openHistoryWriter } from '../history/writer.ts';
import { type IngestionQueue, openIngestionQueue } from '../langfuse/queue.ts';
import { openRawEvents, type RawEvents } from '../langfuse/storage.ts';
import { openTables, type Tables } from '../langfuse/tables.ts';
import type { RecoveryProgress } from '../recovery/pace.ts';
import { replayFromS3 } from '../recovery/replay-from-s3.ts';
import { retryFailedJobs } from '../recovery/retry-failed.ts';
import type { JudgedRun } from '../report/judged-run.ts';
import type { LiveView } from '../report/live.ts';
import { DEFAULT_SETTLE_TIMEOUT } from '../scenario/plan.ts';
import { CHECKPOINT_AFTER, type RecoveryStep, type Scenario } from '../scenario/scenario.ts';
import type { Stack, StackOptions } from '../stack/stack.ts';
import { sendTraffic, type TrafficFigures, type TrafficSummary } from '../traffic/open-loop.ts';
import type { Traffic } from '../traffic/request.ts';
import { openTraffic } from '../traffic/traffic.ts';
import { takeCheckpoint } from './checkpoint.ts';
import { Journal } from './journal.ts';
import { judgeRun } from './judge-run.ts';
import { keepLogs, withoutSecrets } from './keep-logs.ts';
import { Observer } from './observer.ts';
import { OwnEvents } from './own-events.ts';
import { PROBE_TIMEOUT_MS, probeReads, probeWrite } from './probe.ts';
import { createRunFolder, type RunFolder } from './run-folder.ts';
import { RunLog } from './run-log.ts';
import { settle } from './settle.ts';
import { runTimeline } from './timeline.ts';

/** What a run needs. */
export interface RunOptions {
  readonly scenario: Scenario;
  readonly seed: string;
  /** The command that repeats the run. */
  readonly command: string;
  readonly startStack: (options: StackOptions) => Promise<Stack>;
  readonly view: LiveView;
  readonly clock: Clock;
  /** Ends the run: faults are undone, the stack is stopped, the abort's reason is thrown. */
  readonly signal: AbortSignal;
}

/** A run that was judged, and where it lies. */
export interface FinishedRun extends JudgedRun {
  readonly folder: RunFolder;
}

/** Milliseconds in which an event must land on a target that works and has nothing else to do. */
const STEADY_TIMEOUT_MS = 30_000;

/**
 * Runs a scenario from an empty machine to a verdict: stack up, steady state, traffic under faults, heal, settle, recovery, a
 * checkpoint after each, judge. However it ends, every fault is undone and everything that was started is stopped.
 *
 * @throws ChaosError what kept the run from being carried out; the signal's reason when it was aborted
 */
export async function runScenario(options: RunOptions): Promise<FinishedRun> {
  const { scenario, seed, clock, view, signal } = options;
  const random = createRandom(seed);
  const traffic = openTraffic(scenario.traffic, random.fork('traffic'));
  const folder = createRunFolder(runId(scenario, clock.now()));
  const log = new RunLog(folder, view, clock, { scenario, seed, command: options.command });
  try {
    await using stack = await log.phase('start stack', () =>
      options.startStack({
        ...(scenario.settings ? { settings: scenario.settings } : {}),
        onProgress: (text) => view.note(text),
        signal,
      }),
    );
    log.stackIsUp(stack);
    try {
      await runOnStack({ ...options, stack, random, traffic, folder, log });
    } finally {
      keepLogs(stack, folder);
    }
  } finally {
    log.end();
  }
  return { ...judgeRun(folder), folder };
}

interface RunContext extends RunOptions {
  readonly stack: Stack;
  readonly random: Random;
  readonly traffic: Traffic;
  readonly folder: RunFolder;
  readonly log: RunLog;
}

/** What the phases work with once everything is open. */
interface OpenRun extends RunContext {
  readonly queue: IngestionQueue;
  readonly tables: Tables;
  readonly rawEvents: RawEvents;
  readonly history: HistoryWriter;
  readonly observer: Observer;
  readonly own: OwnEvents;
  readonly figures: TrafficFigures[];
}

async function runOnStack(context: RunContext): Promise<void> {
  const { stack, clock, log, folder, seed } = context;
  const { access, target } = stack;
  await using queue = await openIngestionQueue(access.redis);
  await using tables = openTables(access.clickhouse);
  await using rawEvents = openRawEvents(access.s3);
  const history = openHistoryWriter(folder.historyFile, {
    run: log.run.id,
    seed,
    projectId: target.projectId,
  });
  try {
    const figures: TrafficFigures[] = [];
    const total = (key: 'events' | 'acknowledged') => figures.reduce((sum, each) => sum + each[key], 0);
    await using observer = new Observer({
      queue,
      tables,
      projectId: target.projectId,
      bufferMs: 5000 + 4 * writeIntervalMs(context.scenario),
      sightingsFile: folder.sightingsFile,
      clock,
      figures: () => ({ events: total('events'), acknowledged: total('acknowledged') }),
      onSample: (sample) => log.sample(sample),
    });
    const own = new OwnEvents(context.random.fork('own events'), context.traffic.totalEvents);
    await carryOut({ ...context, queue, tables, rawEvents, history, observer, own, figures });
  } finally {
    history.close();
  }
}

async function carryOut(run: OpenRun): Promise<void> {
  const { log, scenario } = run;
  await log.phase('steady state before', () => checkSteadyState(run, 'before'));
  await log.phase('traffic and faults', () => trafficUnderFaults(run));
  await log.phase('heal', () => checkpoint(run, 'heal'));
  await log.phase('steady state after', () => checkSteadyState(run, 'after'));
  await log.phase('settle', () => waitForRest(run, 'settled'));
  await checkpoint(run, 'settled');
  for (const step of scenario.recovery) {
    await log.phase(step, async () => {
      const record = await recover(run, step);
      log.recovered(record);
      const stopped = record.skipped.find(({ reason }) => reason.startsWith('stopped'));
      if (stopped) log.doubt('recovery-stopped', `The step "${step}" ${stopped.reason}`);
      // A step that had nothing to do leaves the target as much at rest as it was.
      if (record.done > 0 || stopped) await waitForRest(run, CHECKPOINT_AFTER[step]);
      await checkpoint(run, CHECKPOINT_AFTER[step]);
    });
  }
}

/** Sees whether the target works. One that doesn't makes the run unknown. */
async function checkSteadyState(run: OpenRun, when: 'before' | 'after'): Promise<void> {
  // Afterwards the events queue behind all that the outage has held up.
  const timeoutMs = when === 'before' ? STEADY_TIMEOUT_MS : settleTimeoutMs(run.scenario);
  try {
    await sendAndSee(run, `steady state ${when}`, timeoutMs);
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.doubt(
      'not-steady',
      `The target was not in its steady state ${when} the faults: ${messageOf(error).split('\n')[0]}`,
    );
  }
}

/** Sends one request of our own and waits until all of its events are seen in ClickHouse. */
async function sendAndSee(run: OpenRun, purpose: string, timeoutMs: number): Promise<void> {
  const { request, marks } = run.own.make(purpose);
  await send(run, [request]);
  await waitUntil(
    `the events of "${purpose}" to be seen in ClickHouse`,
    () => marks.every((mark) => run.observer.hasSeen(mark)),
    { timeoutMs, clock: run.clock, signal: run.signal },
  );
}

async function trafficUnderFaults(run: OpenRun): Promise<void> {
  const { scenario, log, stack, clock } = run;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  using journal = new Journal(run.folder.journalFile, stack.folder);
  log.trafficStarted();
  const sending = send(run, run.traffic.requests, signal);
  const timeline = runTimeline(scenario.timeline, {
    stack,
    journal,
    clock,
    signal,
    onFault: (record) => log.fault(record),
    probe: async (label) => log.probed(await probe(run, label)),
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
}

async function probe(run: OpenRun, label: string) {
  const { request } = run.own.make(`probe: ${label}`);
  const [write, reads] = await Promise.all([
    probeWrite(label, request, run.clock, async (onAnswer) => {
      await send(run, [request], run.signal, { onAnswer, timeoutMs: PROBE_TIMEOUT_MS });
    }),
    probeReads(run.stack.target, label, run.clock),
  ]);
  return [write, ...reads].map((record) => ({ ...record, body: withoutSecrets(record.body, run.stack) }));
}

async function send(
  run: OpenRun,
  requests: Parameters<typeof sendTraffic>[0],
  signal = run.signal,
  more: Pick<NonNullable<Parameters<typeof sendTraffic>[3]>, 'onAnswer' | 'timeoutMs'> = {},
): Promise<TrafficSummary> {
  const slot = run.figures.length;
  const summary = await sendTraffic(requests, run.stack.target, run.history, {
    clock: run.clock,
    signal,
    onProgress: (figures) => {
      run.figures[slot] = { ...figures };
    },
    ...more,
  });
  run.signal.throwIfAborted();
  if (summary.heldBack > 0) {
    run.log.doubt(
      'not-open-loop',
      `${summary.heldBack} requests were held back because too many were in flight.`,
    );
  }
  return summary;
}

async function waitForRest(run: OpenRun, name: CheckpointName): Promise<void> {
  const { queue, tables, stack, scenario, clock, signal } = run;
  const rest = await settle(
    {
      depths: () => queue.depths(),
      rowsFingerprint: () => tables.fingerprint(stack.target.projectId),
      follow: (timeoutMs) => sendAndSee(run, `follow what came before ${name}`, timeoutMs),
    },
    {
      quietMs: writeIntervalMs(scenario) + 500,
      timeoutMs: settleTimeoutMs(scenario),
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
      },
    );
    run.log.changed(`checkpoint ${name}: ${incomplete} entities missing or incomplete`);
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.doubt(
      'checkpoint-unreadable',
      `The checkpoint ${name} could not be read: ${messageOf(error).split('\n')[0]}`,
    );
  }
}

async function recover(run: OpenRun, step: RecoveryStep): Promise<RecoveryRecord> {
  const { queue, tables, rawEvents, stack, clock, signal, view } = run;
  const onProgress = ({ done, seen, total }: RecoveryProgress) =>
    view.note(`${step}: ${done} done, ${seen} of ${total ?? '?'} looked at`);
  const pace = { queue, tables, clock, signal, onProgress };
  if (step === 'retry failed jobs') return retryFailedJobs(pace);
  return (await replayFromS3({ ...pace, storage: rawEvents, projectId: stack.target.projectId })).record;
}

/** Milliseconds between two flushes of the worker's buffer; an empty setting counts as none, as for Langfuse. */
function writeIntervalMs(scenario: Scenario): number {
  return Number(scenario.settings?.worker?.LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS || 1000);
}

function settleTimeoutMs(scenario: Scenario): number {
  return (scenario.settleTimeout ?? DEFAULT_SETTLE_TIMEOUT) * 1000;
}

function runId(scenario: Scenario, now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}-${scenario.name}`;
}
