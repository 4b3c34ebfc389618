import { rm } from 'node:fs/promises';
import { systemClock } from '../base/clock.ts';
import type { Verdict } from '../checker/verdict.ts';
import { SILENT } from '../report/live-silent.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { startEmbeddedStack } from '../stack/embedded/start.ts';
import type { StackOptions } from '../stack/stack.ts';
import { runScenario } from './run-scenario.ts';

/** One run of many, which nobody watches. */
export interface Trial {
  readonly scenario: Scenario;
  readonly seed: string;
  /** The command that repeats what the trial is a part of. */
  readonly command: string;
  readonly stackOptions?: Pick<StackOptions, 'pipeline' | 'defect'>;
  readonly signal: AbortSignal;
}

/** A trial that was judged. */
export interface TrialResult {
  readonly verdict: Verdict;
  /** Path of the run folder; undefined when it was not kept. */
  readonly folder?: string;
}

/**
 * Runs a scenario without showing anything, on a stack of its own, and removes the run folder unless it is worth a look.
 *
 * @param keep says of a verdict whether the run folder is to stay
 */
export async function runTrial(trial: Trial, keep: (verdict: Verdict) => boolean): Promise<TrialResult> {
  const { scenario, seed, command, stackOptions, signal } = trial;
  const { verdict, folder } = await runScenario({
    scenario,
    seed,
    command,
    ...(stackOptions ? { stackOptions } : {}),
    signal,
    view: SILENT,
    isTrial: true,
    clock: systemClock,
    startStack: startEmbeddedStack,
  });
  if (keep(verdict)) return { verdict, folder: folder.path };
  await rm(folder.path, { recursive: true, force: true });
  return { verdict };
}
