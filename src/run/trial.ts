import { rm } from 'node:fs/promises';
import { systemClock } from '../base/clock.ts';
import type { Verdict } from '../checker/verdict.ts';
import type { RunRecord } from '../history/run-record.ts';
import { SILENT } from '../report/live-silent.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { StackSpec } from '../stack/spec.ts';
import { startStack } from '../stack/stacks.ts';
import { runScenario } from './run-scenario.ts';

/** One run of many, which nobody watches. */
export interface Trial {
  readonly scenario: Scenario;
  readonly seed: string;
  /** The command that repeats what the trial is a part of. */
  readonly command: string;
  readonly spec: StackSpec;
  readonly signal: AbortSignal;
}

/** A trial that was judged. */
export interface TrialResult {
  readonly verdict: Verdict;
  readonly run: RunRecord;
  /** Path of the run folder; undefined when it was not kept. */
  readonly folder?: string;
}

/**
 * Runs a scenario without showing anything, on a stack of its own, and removes the run folder unless it is worth a look.
 *
 * @param keep says of a verdict whether the run folder is to stay
 */
export async function runTrial(trial: Trial, keep: (verdict: Verdict) => boolean): Promise<TrialResult> {
  const { scenario, seed, command, spec, signal } = trial;
  const { verdict, run, folder } = await runScenario({
    scenario,
    seed,
    command,
    spec,
    signal,
    view: SILENT,
    isTrial: true,
    clock: systemClock,
    startStack,
  });
  if (keep(verdict)) return { verdict, run, folder: folder.path };
  await rm(folder.path, { recursive: true, force: true });
  return { verdict, run };
}

/** The trials of one command. It is over only when every one of them has ended and cleaned up, also after an error or an interrupt. */
export class Trials implements AsyncDisposable {
  readonly #running = new Set<Promise<unknown>>();

  /** Runs a trial as {@link runTrial} does; its run folder does not stay. */
  run(trial: Trial): Promise<TrialResult> {
    const running = runTrial(trial, () => false);
    this.#running.add(running);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
