import { relative } from 'node:path';
import { Command } from 'commander';
import { didYouMean } from '../base/did-you-mean.ts';
import { ChaosError } from '../base/errors.ts';
import { CASES, type SelfTestCase } from '../run/selftest/cases.ts';
import { runCases, type SelfTestResult } from '../run/selftest/run-case.ts';
import { renderTable } from '../run/selftest/table.ts';
import { startStack } from '../stack/stacks.ts';
import { cleanUp } from './clean-up.ts';
import { EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { parseJobs } from './option-values.ts';

/** The same traffic each time: a self-test is not for finding something new. */
const DEFAULT_SEED = '1';
/** Stacks at a time: a run mostly waits. */
const DEFAULT_JOBS = 2;

/** `selftest [DEFECT…]` */
export function selftestCommand(): Command {
  return new Command('selftest')
    .description(
      'plant known defects in the reference pipeline, one at a time, and see whether the verdict names each',
    )
    .argument('[defects...]', 'names of defects, `none` for the run without one; all of them unless told')
    .option('--jobs <number>', 'runs at a time', parseJobs, DEFAULT_JOBS)
    .option('--seed <seed>', 'seed of the traffic', DEFAULT_SEED)
    .option('--json', 'print the results as JSON on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos selftest\n  langfuse-chaos selftest skip-s3 wrong-project',
    )
    .action(async (named: string[], options: { jobs: number; seed: string; json?: boolean }) => {
      const cases = casesNamed(named);
      const signal = interruptSignal('ending the runs');
      await cleanUp();
      const out = options.json ? process.stderr : process.stdout;
      out.write(`${cases.length} runs, ${options.jobs} at a time, seed ${options.seed}\n`);
      const startedAt = Date.now();
      let done = 0;
      const tell = (result: SelfTestResult) => {
        done += 1;
        const sign = result.misses.length === 0 ? '✓' : '✗';
        out.write(
          `${sign} ${done}/${cases.length} ${result.defect}: ${result.said} (${Math.round(result.seconds)} s)\n`,
        );
      };
      const run = { seed: options.seed, startStack, signal };
      const results = await runCases(cases, options.jobs, run, tell);
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      out.write(`\n${renderTable(results, seconds, (folder) => relative(process.cwd(), folder))}`);
      if (options.json) console.log(JSON.stringify(results, null, 2));
      process.exitCode =
        results.length === cases.length && results.every(({ misses }) => misses.length === 0)
          ? EXIT.pass
          : EXIT.fail;
    });
}

/** @throws ChaosError `E_USAGE` for a name that no defect has */
function casesNamed(names: readonly string[]): readonly SelfTestCase[] {
  const unknown = names.filter((name) => !CASES.some((each) => each.name === name));
  if (unknown.length > 0) {
    const known = CASES.map(({ name }) => name);
    throw new ChaosError({
      code: 'E_USAGE',
      happened: unknown
        .map((name) => `There is no planted defect named "${name}".${didYouMean(name, known)}`)
        .join(' '),
      expected: `one of ${known.join(', ')}`,
      remedy: 'name one of them; docs/selftest.md says what each does.',
    });
  }
  return names.length === 0 ? CASES : CASES.filter(({ name }) => names.includes(name));
}
