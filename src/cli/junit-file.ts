import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ChaosError, messageOf } from '../base/errors.ts';
import { renderJunit, type TestSuite } from '../report/junit.ts';
import { suiteOfNoRun, suiteOfRun } from '../report/junit-run.ts';
import type { PlannedRun, RunResult } from '../run/run-many.ts';

/** What `--junit` is, for the help of the commands that have it. */
export const JUNIT_OPTION = ['--junit <file>', 'write one JUnit file of the whole command'] as const;

/** What is said of what the command did not come to. */
export const NOT_BEGUN = new Error('The command ended before it was carried out.');

/**
 * Writes the JUnit file of a command. It is written before the first run as well, so that a command that is killed leaves none of
 * before and none that lacks a run.
 *
 * @throws ChaosError `E_USAGE` when it can't be written
 */
export function writeJunit(file: string, suites: readonly TestSuite[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, renderJunit(suites));
  } catch (error) {
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `The JUnit file ${file} can't be written: ${messageOf(error)}.`,
      remedy: 'name a file in a folder that can be written, on a disk that has room.',
      cause: error,
    });
  }
}

/** A suite for every run of a command, in its order; one that could not be carried out, or was not begun, is an error. */
export function suitesOfRuns(
  runs: readonly PlannedRun[],
  results: readonly RunResult[],
  startedAt: number,
): TestSuite[] {
  return runs.map((planned) => {
    const { outcome = { error: NOT_BEGUN }, tookMs = 0 } =
      results.find((each) => each.planned === planned) ?? {};
    if ('finished' in outcome) return suiteOfRun(outcome.finished, planned.label);
    return suiteOfNoRun({
      name: planned.label,
      startedAt,
      tookMs,
      command: planned.command,
      error: outcome.error,
    });
  });
}
