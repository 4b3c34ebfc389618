import type { Clock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { waitUntil } from '../base/wait-until.ts';
import type { FaultRecord } from '../history/run-record.ts';
import type { Stack } from '../stack/stack.ts';
import type { BoundFault } from './catalogue.ts';
import { type LogSizes, logSizes } from './logged.ts';

/** Where the undoing of faults is made certain: written before the injection, struck out after the recovery. */
export interface FaultJournal {
  injecting(fault: BoundFault): number;
  undone(entry: number): void;
}

/** A {@link FaultJournal} in which others may strike out, too, when they take the harness for hung. */
export interface SharedJournal extends FaultJournal {
  /** Whether someone else struck an entry out, or began to, at or after `since` (ms since the epoch). */
  takenOver(entry: number, since: number): boolean;
}

type State = 'ready' | 'injected' | 'felt' | 'recovered' | 'healed';

/** Milliseconds that a healed target may take to show it. */
const HEAL_TIMEOUT_MS = 30_000;

/**
 * One fault being lived through:
 *
 *     ready ──inject──▶ injected ──waitUntilFelt──▶ felt ──recover──▶ recovered ──waitUntilHealed──▶ healed
 *                          └──────────────recover (not felt: the run is unknown)────▲
 *
 * A recovery in `ready` does nothing: whatever kept the fault from the journal kept it from being injected.
 * A transition that the picture does not have throws: it is a defect of the harness.
 */
export class FaultLife {
  readonly record: FaultRecord;
  readonly #fault: BoundFault;
  readonly #stack: Stack;
  readonly #clock: Clock;
  readonly #journal: SharedJournal;
  #state: State = 'ready';
  #entry = -1;
  #begunAt = 0;
  #logs: LogSizes = { web: 0, worker: 0 };

  constructor(fault: BoundFault, stack: Stack, clock: Clock, journal: SharedJournal) {
    this.#fault = fault;
    this.#stack = stack;
    this.#clock = clock;
    this.#journal = journal;
    this.record = { fault: fault.spec.name, on: fault.spec.on, injectedAt: 0 };
  }

  /** Makes the fault happen; it is in the journal before anything is touched. */
  async inject(): Promise<void> {
    this.#expect('inject', 'ready');
    await this.#stack.guard?.beforeFault(this.#fault.spec, this.#fault.group);
    this.#logs = await logSizes(this.#stack);
    this.#begunAt = this.#clock.now();
    this.#entry = this.#journal.injecting(this.#fault);
    this.record.injectedAt = this.#clock.now();
    this.#state = 'injected';
    await this.#fault.inject(this.#stack);
  }

  /**
   * Whether someone else undid the fault since, or may have, before it was injected as a whole: this process stood still meanwhile. What
   * it then did has to be undone at once, since the journal holds it no more.
   */
  wasTakenOver(): boolean {
    return this.#journal.takenOver(this.#entry, this.#begunAt);
  }

  /** Looks until the effect is observed or the signal aborts; returns whether it was observed. */
  async waitUntilFelt(signal: AbortSignal): Promise<boolean> {
    this.#expect('wait until felt', 'injected');
    while (!signal.aborted) {
      const { injectedAt } = this.record;
      const seen = await this.#fault.felt(this.#stack, injectedAt, this.#logs).catch(() => undefined);
      if (seen !== undefined) {
        this.record.feltAt = this.#clock.now();
        this.record.felt = seen;
        if (this.#state === 'injected') this.#state = 'felt';
        return true;
      }
      await this.#clock.sleep(100, signal).catch(() => undefined);
    }
    return false;
  }

  /** Does what has to be done again and again while the fault is active, until the signal aborts. */
  async meanwhile(signal: AbortSignal): Promise<void> {
    this.#expect('go on', 'injected', 'felt');
    await this.#fault.meanwhile(this.#stack, signal);
  }

  /** Undoes the fault and strikes it out of the journal. */
  async recover(): Promise<void> {
    if (this.#state === 'ready') return;
    this.#expect('recover', 'injected', 'felt');
    await this.#fault.recover(this.#stack);
    this.#journal.undone(this.#entry);
    this.record.recoveredAt = this.#clock.now();
    this.#state = 'recovered';
  }

  /** Waits until the target is seen to work again. @throws ChaosError `E_TIMEOUT` after 30 s */
  async waitUntilHealed(signal?: AbortSignal): Promise<void> {
    this.#expect('wait until healed', 'recovered');
    await waitUntil(
      `${this.#fault.spec.name} on ${this.#fault.spec.on} to heal`,
      () => this.#fault.healed(this.#stack),
      {
        timeoutMs: HEAL_TIMEOUT_MS,
        clock: this.#clock,
        ...(signal ? { signal } : {}),
      },
    );
    this.record.healedAt = this.#clock.now();
    this.#state = 'healed';
  }

  #expect(step: string, ...states: State[]): void {
    if (states.includes(this.#state)) return;
    throw new ChaosError({
      code: 'E_FAULT_STATE',
      happened: `The fault ${this.#fault.spec.name} on ${this.#fault.spec.on} can't ${step}: it is ${this.#state}.`,
      expected: `the state ${states.join(' or ')}`,
      remedy: 'this is a defect of langfuse-chaos; please report it with the run folder.',
    });
  }
}
