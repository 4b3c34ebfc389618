import type { Clock } from '../base/clock.ts';
import type { QueueDepths } from '../history/run-record.ts';
import type { AbortConditions } from '../stack/guard.ts';

/** How the traffic was answered so far, in events. */
export interface AnsweredSoFar {
  readonly acknowledged: number;
  /** Refused or without an answer that says either. */
  readonly others: number;
}

/** What is watched. */
export interface AbortWatchOptions {
  readonly conditions: AbortConditions;
  /** Of the whole queue, whosesoever the jobs are. */
  readonly depths: () => Promise<QueueDepths>;
  readonly answered: () => AnsweredSoFar;
  readonly clock: Clock;
}

const LOOK_EVERY_MS = 1000;
/** Events that must have been answered for their share of errors to mean anything. */
const FEWEST_EVENTS = 10;

/** A condition under which the owner of a target wants a run to stop is met. */
export class AbortConditionMet extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'AbortConditionMet';
  }
}

/** Looks once a second whether a condition is met; the signal then aborts with an {@link AbortConditionMet}. */
export class AbortWatch implements AsyncDisposable {
  readonly #options: AbortWatchOptions;
  readonly #met = new AbortController();
  readonly #over = new AbortController();
  readonly #startedAt: number;
  readonly #answers: (AnsweredSoFar & { readonly at: number })[] = [];
  readonly #watching: Promise<void>;

  constructor(options: AbortWatchOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#watching = this.#watch();
  }

  get signal(): AbortSignal {
    return this.#met.signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#over.signal.aborted) {
      const why = this.#tooLong() ?? this.#tooManyErrors() ?? (await this.#tooManyJobs());
      if (why !== undefined) {
        this.#met.abort(new AbortConditionMet(why));
        return;
      }
      await clock.sleep(LOOK_EVERY_MS, this.#over.signal).catch(() => undefined);
    }
  }

  #tooLong(): string | undefined {
    const { conditions, clock } = this.#options;
    const took = clock.now() - this.#startedAt;
    if (!conditions.time || took <= conditions.time.above) return undefined;
    return `the run has taken ${seconds(took)}, and more than ${seconds(conditions.time.above)} are not allowed (abort.time)`;
  }

  #tooManyErrors(): string | undefined {
    const { conditions, answered, clock } = this.#options;
    if (!conditions.errorRate) return undefined;
    const { above, over } = conditions.errorRate;
    const now = { at: clock.now(), ...answered() };
    this.#answers.push(now);
    // The newest look that is old enough is where the window begins.
    while (this.#answers.length > 1 && (this.#answers[1]?.at ?? now.at) <= now.at - over)
      this.#answers.shift();
    const first = this.#answers[0] ?? now;
    const others = now.others - first.others;
    const all = others + now.acknowledged - first.acknowledged;
    if (all < FEWEST_EVENTS || others / all <= above) return undefined;
    return `${others} of ${all} events that were answered within ${seconds(over)} were not acknowledged, and more than ${Math.round(above * 100)} % are not allowed (abort.errorRate)`;
  }

  async #tooManyJobs(): Promise<string | undefined> {
    const { conditions, depths } = this.#options;
    if (!conditions.queueLength) return undefined;
    // Redis that can't be asked says nothing about its length; the other conditions go on.
    const now = await depths().catch(() => undefined);
    if (!now) return undefined;
    const jobs = now.waiting + now.delayed + now.failed;
    if (jobs <= conditions.queueLength.above) return undefined;
    return `${jobs} jobs are waiting, delayed or failed, and more than ${conditions.queueLength.above} are not allowed (abort.queueLength)`;
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
