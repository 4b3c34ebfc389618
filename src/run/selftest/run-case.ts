import { rmSync } from 'node:fs';
import pMap from 'p-map';
import { systemClock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { SILENT } from '../../report/live-silent.ts';
import { DEFAULT_SPEC } from '../../stack/spec.ts';
import type { Stack, StackOptions } from '../../stack/stack.ts';
import { runScenario } from '../run-scenario.ts';
import type { SelfTestCase } from './cases.ts';
import { describeExpectation } from './expectation.ts';
import { describeVerdict, judgeCase } from './judge-case.ts';
import { readPlanted } from './planted.ts';

/** What is needed to try cases. */
export interface SelfTestOptions {
  readonly seed: string;
  readonly startStack: (options: StackOptions) => Promise<Stack>;
  readonly signal: AbortSignal;
}

/** How one case went. */
export interface SelfTestResult {
  readonly defect: SelfTestCase['name'];
  readonly what: string;
  readonly expected: string;
  /** What the verdict said, in the words of the expectation. */
  readonly said: string;
  /** In which ways the verdict was wrong; none when it was right. */
  readonly misses: readonly string[];
  /** Entities that the defect hit. */
  readonly hit: number;
  readonly seconds: number;
  /** The run folder of a miss. */
  readonly folder?: string;
}

/**
 * Runs the scenario of a case like any other, with its defect planted, and holds the verdict against what the defect did. The
 * checker is not told of it. A run that could not be carried out is a miss too. Only the run folders of misses stay.
 *
 * @throws the signal's reason when it aborts
 */
export async function runCase(tried: SelfTestCase, options: SelfTestOptions): Promise<SelfTestResult> {
  const { name, what, scenario, expect } = tried;
  const { seed, signal, startStack } = options;
  const startedAt = systemClock.now();
  const result = { defect: name, what, expected: describeExpectation(expect) };
  const seconds = () => (systemClock.now() - startedAt) / 1000;
  try {
    const { verdict, folder } = await runScenario({
      scenario,
      seed,
      command: `npx langfuse-chaos selftest ${name} --seed ${seed}`,
      startStack,
      spec: { ...DEFAULT_SPEC, ...(name === 'none' ? {} : { defect: name }) },
      view: SILENT,
      isTrial: true,
      clock: systemClock,
      signal,
    });
    const planted = readPlanted(folder);
    const misses = judgeCase(verdict, expect, planted);
    if (misses.length === 0) rmSync(folder.path, { recursive: true, force: true });
    return {
      ...result,
      said: describeVerdict(verdict, expect.counted),
      misses,
      hit: planted.size,
      seconds: seconds(),
      ...(misses.length > 0 ? { folder: folder.path } : {}),
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      ...result,
      said: 'nothing: the run ended with an error',
      misses: [messageOf(error)],
      hit: 0,
      seconds: seconds(),
    };
  }
}

/**
 * Runs cases, several at a time, and tells of each when it is over.
 *
 * @returns the results in the order of the cases
 * @throws the signal's reason when it aborts, once every run has ended
 */
export async function runCases(
  cases: readonly SelfTestCase[],
  jobs: number,
  options: SelfTestOptions,
  onResult: (result: SelfTestResult) => void,
): Promise<SelfTestResult[]> {
  const results = await pMap(
    cases,
    async (tried) => {
      if (options.signal.aborted) return undefined;
      const result = await runCase(tried, options).catch((error) => {
        // Thrown on below, when the others have ended too.
        if (options.signal.aborted) return undefined;
        throw error;
      });
      if (result) onResult(result);
      return result;
    },
    { concurrency: jobs },
  );
  options.signal.throwIfAborted();
  return results.filter((result) => result !== undefined);
}
