import type { Clock } from '../base/clock.ts';
import { createRandom, type Random } from '../base/random.ts';
import { thenAlways } from '../base/then-always.ts';
import { openHistoryWriter } from '../history/writer.ts';
import { findTarget } from '../langfuse/find-target.ts';
import { openIngestionQueue } from '../langfuse/queue.ts';
import { spanFormOf } from '../langfuse/span-events.ts';
import { openRawEvents } from '../langfuse/storage.ts';
import { openTables } from '../langfuse/tables.ts';
import type { TargetFacts } from '../langfuse/target-facts.ts';
import type { JudgedRun } from '../report/judged-run.ts';
import type { LiveView } from '../report/live.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { sparedSettings } from '../stack/external/lacks.ts';
import type { StackSpec } from '../stack/spec.ts';
import type { Stack, StackOptions } from '../stack/stack.ts';
import type { TrafficFigures } from '../traffic/open-loop.ts';
import type { Traffic } from '../traffic/request.ts';
import { openTraffic, overOtlp, protocolOf } from '../traffic/traffic.ts';
import { AbortWatch } from './abort-watch.ts';
import { breakOff, saidWhetherSent } from './break-off.ts';
import { judgeRun } from './judge-run.ts';
import { keepLogs } from './keep-logs.ts';
import { Observer } from './observer.ts';
import { forTarget } from './own-back-off.ts';
import { OwnEvents } from './own-events.ts';
import { ownPart, requireUnsent } from './own-part.ts';
import { carryOutPhases, writeIntervalMs } from './phases.ts';
import { replacementsOf, requirePossible } from './possible.ts';
import { doubtOtherVersion, namedVersion } from './replace.ts';
import { createRunFolder, makeLatest, type RunFolder } from './run-folder.ts';
import { RunLog } from './run-log.ts';
import { requireWritten } from './settings.ts';
import { notesOn, requireConsumer, requireFitting } from './traps.ts';
import { startWatchdog } from './watchdog/start.ts';

/** What a run needs. */
export interface RunOptions {
  readonly scenario: Scenario;
  readonly seed: string;
  /** The command that repeats the run. */
  readonly command: string;
  readonly startStack: (options: StackOptions) => Promise<Stack>;
  /** What is tested. */
  readonly spec: StackSpec;
  /** Whether the scenario is carried out as it stands, and not fitted to what is tested. */
  readonly asGiven?: boolean | undefined;
  /** What web and worker are replaced by, where the scenario does it. */
  readonly other?: StackSpec | undefined;
  readonly view: LiveView;
  /** Whether what counts is that it ends as v3.36.0 is expected to, and not that it is a pass: its JUnit file then says that. */
  readonly asExpected?: boolean | undefined;
  /** One of many runs that nobody asked for by itself: `latest` is not pointed to it. */
  readonly isTrial?: boolean;
  readonly clock: Clock;
  /** Ends the run: faults are undone, the stack is stopped, the abort's reason is thrown. */
  readonly signal: AbortSignal;
}

/** A run that was judged, and where it lies. */
export interface FinishedRun extends JudgedRun {
  readonly folder: RunFolder;
}

/**
 * Runs a scenario from an empty machine to a verdict: stack up, steady state, traffic under faults, heal, settle, recovery, a
 * checkpoint after each, judge. However it ends, every fault is undone and everything that was started is stopped.
 *
 * @throws ChaosError what kept the run from being carried out; the signal's reason when it was aborted
 */
export async function runScenario(given: RunOptions): Promise<FinishedRun> {
  requireWritten(given.scenario);
  requirePossible(given.scenario, given.spec, given.other);
  const scenarioThere = given.asGiven ? given.scenario : forTarget(given.scenario, given.spec);
  const options = { ...given, scenario: scenarioThere };
  const { scenario, seed, clock, view } = options;
  const other = replacementsOf(scenario).length > 0 ? options.other : undefined;
  const random = createRandom(seed);
  const traffic = openTraffic(scenario.traffic, random.fork('traffic'));
  const folder = createRunFolder(runId(scenario, clock.now()));
  const log = new RunLog(folder, view, clock, {
    scenario,
    seed,
    command: options.command,
    spec: options.spec,
    asExpected: options.asExpected,
    other,
  });
  try {
    return { ...(await carryOut({ ...options, other, random, traffic, folder, log })), folder };
  } catch (error) {
    throw saidWhetherSent(error, folder);
  }
}

/** The run from its stack to its verdict, also where it is stopped before its end as the target's owner wants it. */
async function carryOut(run: Omit<RunContext, 'stack'>): Promise<JudgedRun> {
  const { scenario, spec, other, folder, log, view, clock, signal } = run;
  try {
    await using _watchdog = await startWatchdog(folder, clock, () =>
      log.changed('The watchdog has ended: if this process is killed now, run `langfuse-chaos down`.'),
    );
    await using stack = await log.phase(spec.kind === 'external' ? 'look at the target' : 'start stack', () =>
      run.startStack({
        spec,
        ...(other ? { other } : {}),
        ...(scenario.settings ? { settings: scenario.settings } : {}),
        ...(scenario.redisAppendOnly === undefined ? {} : { redisAppendOnly: scenario.redisAppendOnly }),
        onProgress: (text) => view.note(text),
        signal,
      }),
    );
    log.stackIsUp(stack);
    if (stack.guard && sparedSettings(scenario).length > 0)
      log.changed(`not set at the target, which runs already: ${sparedSettings(scenario).join(', ')}`);
    await thenAlways(
      () => runOnStack({ ...run, stack }),
      async () => {
        await stack.gatherLogs?.();
        keepLogs(stack, folder);
      },
    );
  } catch (error) {
    return breakOff(error, { log, folder, signal });
  }
  log.end();
  return judgeRun(folder);
}

interface RunContext extends RunOptions {
  readonly stack: Stack;
  readonly random: Random;
  readonly traffic: Traffic;
  readonly folder: RunFolder;
  readonly log: RunLog;
}

async function runOnStack(given: RunContext): Promise<void> {
  const context = { ...given, ...(await lookAtTarget(given)) };
  const { stack, clock, log, folder, seed, scenario, facts } = context;
  const { access, target, guard } = stack;
  const form = spanFormOf(facts.profile, facts.writeMode);
  await using queue = await openIngestionQueue(access.redis);
  await using tables = openTables(access.clickhouse, facts.writeMode === 'events_only');
  await using rawEvents = openRawEvents(access.s3);
  const history = openHistoryWriter(folder.historyFile, {
    run: log.run.id,
    seed,
    projectId: target.projectId,
  });
  const whole = { queue, tables, rawEvents, history };
  const parts = guard ? ownPart(whole, target.projectId, clock, form) : whole;
  await thenAlways(
    async () => {
      if (guard) {
        await requireUnsent(
          openTraffic(scenario.traffic, createRandom(seed).fork('traffic')),
          tables,
          target,
          form,
        );
        guard.watchJobs(() => parts.queue.jobs());
      }
      const figures: TrafficFigures[] = [];
      const total = (key: 'events' | 'acknowledged' | 'refused' | 'indeterminate') =>
        figures.reduce((sum, each) => sum + each[key], 0);
      await using limits =
        guard &&
        new AbortWatch({
          conditions: guard.abort,
          depths: () => queue.depths(),
          answered: () => ({
            acknowledged: total('acknowledged'),
            others: total('refused') + total('indeterminate'),
          }),
          clock,
        });
      const signal = limits ? AbortSignal.any([context.signal, limits.signal]) : context.signal;
      await using observer = new Observer({
        queue: parts.queue,
        tables: parts.tables,
        projectId: target.projectId,
        // On a machine that is busy a row may take long from its merge into its table.
        bufferMs: 20_000 + 4 * writeIntervalMs(scenario),
        sightingsFile: folder.sightingsFile,
        clock,
        figures: () => ({ events: total('events'), acknowledged: total('acknowledged') }),
        onSample: (sample) => log.sample(sample),
      });
      const own = new OwnEvents(
        context.random.fork('own events'),
        context.traffic.marks,
        protocolOf(scenario.traffic),
        form,
      );
      try {
        const notLatest = context.isTrial ? undefined : makeLatest(folder);
        if (notLatest !== undefined) log.changed(notLatest);
        await carryOutPhases({ ...context, ...parts, signal, observer, own, figures });
      } finally {
        log.run.ownEvents = own.made;
      }
    },
    () => history.close(),
  );
}

/**
 * What the target is, written down; a run that it can't carry out for what it is is refused. Where it takes traces and observations over
 * OTLP only, the traffic is sent so.
 */
async function lookAtTarget(
  context: RunContext,
): Promise<Pick<RunContext, 'scenario' | 'traffic'> & { readonly facts: TargetFacts }> {
  const { stack, clock, signal, log, random } = context;
  const facts = await findTarget(stack.target, stack.access);
  doubtOtherVersion(log, stack.spec, facts.version);
  let { scenario, traffic } = context;
  const notes: string[] = [];
  const spans = facts.writeMode === 'events_only' ? overOtlp(scenario.traffic) : undefined;
  if (spans && spans !== scenario.traffic) {
    scenario = { ...scenario, traffic: spans };
    traffic = openTraffic(spans, random.fork('traffic'));
    log.scenarioChanged(scenario);
    notes.push(
      'The traffic is sent over OTLP, scores excepted: in the write mode events_only the ingestion API takes neither traces nor observations.',
    );
  }
  const protocol = protocolOf(scenario.traffic);
  const other =
    context.other && replacementsOf(scenario).length > 0 ? namedVersion(context.other) : undefined;
  log.found(facts, [...notes, ...notesOn(facts, scenario, other)]);
  requireFitting(facts, scenario, protocol);
  await requireConsumer(facts, scenario, protocol, stack.access.redis, clock, signal);
  return { facts, scenario, traffic };
}

function runId(scenario: Scenario, now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}-${scenario.name}`;
}
