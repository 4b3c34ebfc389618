import type { Clock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { bindFault } from '../faults/catalogue.ts';
import { FaultLife, type SharedJournal } from '../faults/lifecycle.ts';
import type { FaultRecord } from '../history/run-record.ts';
import { clash, overlap, REPLACEMENT } from '../scenario/overlap.ts';
import type {
  FaultSpec,
  OddTrafficSpec,
  ProbedFault,
  RecoverStep,
  ReplaceStep,
  TimelineStep,
} from '../scenario/scenario.ts';
import type { Stack } from '../stack/stack.ts';

/** What the timeline works on and whom it tells. */
export interface TimelineOptions {
  readonly stack: Stack;
  readonly journal: SharedJournal;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called after each transition of a fault, with the same record each time. */
  readonly onFault: (record: FaultRecord) => void;
  /** Called with what makes the run unknown. */
  readonly doubt: (code: string, text: string) => void;
  /** Makes one probe. */
  readonly probe: (label: string) => Promise<void>;
  /** Asks the endpoints of the process that a fault hits, while it is on. */
  readonly probeUnder: (
    fault: ProbedFault,
    record: FaultRecord,
    timeoutMs: number,
  ) => Promise<AskedUnderFault>;
  /** Sends odd traffic. */
  readonly send: (spec: OddTrafficSpec) => Promise<void>;
  /** Replaces web or worker by another version; resolves when the new one answers. */
  readonly replace: (step: ReplaceStep) => Promise<void>;
  /** Carries out a recovery step in the middle of the traffic. */
  readonly recover: (step: RecoverStep['recover']) => Promise<void>;
}

/** How to go on asking after a probe under a fault. */
export interface AskedUnderFault {
  /** Asks once more, for the fault to be felt. */
  askAgain(): Promise<unknown>;
  /** Asks, once the fault is undone, until what was not well is. */
  untilWell(undoneAt: number): Promise<void>;
}

/** A fault that was injected. */
interface Lived {
  readonly spec: FaultSpec;
  readonly record: FaultRecord;
}

/** What all steps of a timeline share. */
interface Running extends TimelineOptions {
  readonly lived: Lived[];
}

/**
 * Carries out a timeline, its seconds counted from the call. However it ends, with an error or an abort too, every
 * fault that was injected has been recovered.
 *
 * The plan's faults don't overlap, but one may take longer to inject or undo than planned. A fault therefore waits for those before it
 * that touch what it touches (see `clash`), until they are undone and healed, or given up: undoing them would undo part of it, and what
 * is left of them be taken for its effect. That none overlapped is looked at in the end, by the times that were noted.
 */
export async function runTimeline(steps: readonly TimelineStep[], options: TimelineOptions): Promise<void> {
  const start = options.clock.now();
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const running: Running = { ...options, signal, lived: [] };
  const earlier: { readonly faults: readonly FaultSpec[]; readonly over: Promise<void> }[] = [];
  const results = await Promise.allSettled(
    steps
      .toSorted((a, b) => a.at - b.at)
      .map(async (step) => {
        const faults = faultsOf(step);
        const before = earlier.filter((other) => clash(other.faults, faults)).map(({ over }) => over);
        const { promise: over, resolve: end } = Promise.withResolvers<void>();
        earlier.push({ faults, over });
        try {
          await sleepUntil(start + step.at * 1000, options.clock, signal);
          await Promise.all(before);
          signal.throwIfAborted();
          await carryOut(step, running);
        } catch (error) {
          failed.abort(error);
          throw error;
        } finally {
          end();
        }
      }),
  );
  options.signal.throwIfAborted();
  const first = results.find((result) => result.status === 'rejected');
  if (first) throw failed.signal.reason;
  doubtOverlaps(running);
}

/** The faults of a step, and what waits for them and they for it as a fault does. */
function faultsOf(step: TimelineStep): readonly FaultSpec[] {
  if ('fault' in step) return [step.fault];
  if ('replace' in step) return [REPLACEMENT];
  return 'inTurn' in step ? step.inTurn.map(({ fault }) => fault) : [];
}

function doubtOverlaps({ lived, doubt }: Running): void {
  const place = overlap(
    lived.map(({ spec, record: { injectedAt: at, recoveredAt = Number.POSITIVE_INFINITY } }) => ({
      at,
      for: recoveredAt - at,
      faults: [spec],
    })),
  );
  if (place)
    doubt(
      'faults-overlapped',
      `By their times, faults on ${place} were on at once: one may have undone another.`,
    );
}

async function carryOut(step: TimelineStep, options: Running): Promise<void> {
  if ('probe' in step) await options.probe(step.probe);
  else if ('inTurn' in step) {
    for (const each of step.inTurn) await liveThroughProbed(each, step.timeout * 1000, options);
  } else if ('send' in step) await options.send(step.send);
  else if ('recover' in step) await options.recover(step.recover);
  else if ('replace' in step) {
    await options.replace(step);
    // However long it took, some of the traffic meets this mixture before the next.
    await options.clock.sleep(MIXED_MS, options.signal);
  } else {
    // Counted from here on: what takes long to inject would otherwise be undone before it was felt.
    await liveThrough(step.fault, options, () => options.clock.sleep(step.for * 1000, options.signal));
  }
}

/** Milliseconds of traffic between two replacements, at least. */
const MIXED_MS = 3000;
/**
 * Milliseconds until the effect of a fault has reached the process whose connections it cut. A fixed wait, because nothing shows it:
 * Toxiproxy knows its own end alone; a process's notes (`Stack.exchanges`) are of its last exchanges, written every 100 ms, and miss a pool's
 * connection that has been idle for longer; and that it asks for a name anew, by which such a fault is felt, comes of the very
 * questions that follow. Where it is too short an endpoint is answered over a connection from before, as if there were no fault;
 * of a fault that none of them met `felt` tells: they are asked again, and if it stays so the run is unknown.
 */
const TAKES_EFFECT_MS = 300;
/** Milliseconds in which a fault must be felt once the endpoints have been asked under it. */
const FEEL_TIMEOUT_MS = 5000;
/** Milliseconds between two looks at whether it was; longer than those of `FaultLife`. */
const FEEL_INTERVAL_MS = 150;

async function liveThroughProbed(probed: ProbedFault, timeoutMs: number, options: Running): Promise<void> {
  const { clock, signal, probeUnder } = options;
  let asked: AskedUnderFault | undefined;
  const whileOn = async (record: FaultRecord) => {
    await clock.sleep(TAKES_EFFECT_MS, signal);
    asked = await probeUnder(probed, record, timeoutMs);
    const givenUp = clock.now() + FEEL_TIMEOUT_MS;
    // A name that comes and goes may have been there just then.
    while (record.feltAt === undefined && clock.now() < givenUp) {
      await clock.sleep(FEEL_INTERVAL_MS, signal);
      if (record.feltAt === undefined) await asked.askAgain();
    }
  };
  await liveThrough(probed.fault, options, whileOn, async (undoneAt) => asked?.untilWell(undoneAt));
}

/**
 * Lives through a fault, which is on for as long as `whileOn` takes.
 *
 * @param afterwards carried out while the target heals; told when the undoing began
 */
async function liveThrough(
  spec: FaultSpec,
  options: Running,
  whileOn: (record: FaultRecord) => Promise<void>,
  afterwards: (undoneAt: number) => Promise<void> = async () => undefined,
): Promise<void> {
  const { clock, stack, journal, onFault } = options;
  const life = new FaultLife(bindFault(spec), stack, clock, journal);
  let undoneAt = 0;
  try {
    await life.inject();
    options.lived.push({ spec, record: life.record });
    onFault(life.record);
    if (!life.wasTakenOver()) await feel(life, options, whileOn);
  } finally {
    undoneAt = clock.now();
    await life.recover();
    if (life.record.recoveredAt !== undefined) onFault(life.record);
  }
  await Promise.all([heal(life, options), afterwards(undoneAt)]);
}

/** Keeps a fault on for as long as `whileOn` takes, and looks whether it is felt meanwhile. */
async function feel(
  life: FaultLife,
  { signal, onFault }: Running,
  whileOn: (record: FaultRecord) => Promise<void>,
): Promise<void> {
  const feeling = new AbortController();
  const ending = AbortSignal.any([feeling.signal, signal]);
  const felt = life.waitUntilFelt(ending).then(() => onFault(life.record));
  const meanwhile = life.meanwhile(ending);
  // Reported where it is waited for; until then it must not count as unhandled.
  meanwhile.catch(() => {});
  try {
    await whileOn(life.record);
  } finally {
    feeling.abort();
    await meanwhile;
  }
  await felt;
}

/** Waits until the target works again. One that does not come back leaves the record without `healedAt`, which the checker judges. */
async function heal(life: FaultLife, { onFault, signal }: Running): Promise<void> {
  try {
    await life.waitUntilHealed(signal);
  } catch (error) {
    if (!(error instanceof ChaosError && error.code === 'E_TIMEOUT')) throw error;
  }
  onFault(life.record);
}

async function sleepUntil(due: number, clock: Clock, signal: AbortSignal): Promise<void> {
  await clock.sleep(Math.max(0, due - clock.now()), signal);
}
