import { existsSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Verdict } from '../checker/verdict.ts';
import { judgeRun } from '../run/judge-run.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { scenarioText } from '../run/shrink/scenario-text.ts';
import { failureCodes, type ShrinkRun, shrink } from '../run/shrink/shrink.ts';
import { Trials } from '../run/trial.ts';
import { renderPlan } from '../scenario/plan.ts';
import { parseScenario } from '../scenario/schema.ts';
import { DEFAULT_SPEC, parseSpec } from '../stack/spec.ts';
import { cleanUp } from './clean-up.ts';
import { EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { parseJobs, wholePositive } from './option-values.ts';
import { stackWords } from './stack-options.ts';

interface Options {
  readonly out?: string;
  readonly maxRuns: number;
  readonly confirm: number;
  readonly jobs: number;
}

/** `shrink RUN` */
export function shrinkCommand(): Command {
  return new Command('shrink')
    .description('reduce a failed run to the fewest and shortest faults that still fail, as a scenario file')
    .argument('<run>', 'run folder of a run that failed, or its name below reports/, for example latest')
    .option('--out <file>', 'the scenario file to write; ./<scenario>-shrunk.ts unless told')
    .option('--max-runs <n>', 'most runs to try', wholePositive, 40)
    .option('--confirm <n>', 'how many runs of a smaller one must all fail', wholePositive, 2)
    .option('--jobs <n>', 'runs at a time', parseJobs, 2)
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos shrink latest\n  langfuse-chaos shrink reports/… --out ./found.ts',
    )
    .action(async (named: string, options: Options) => {
      const folder = openRunFolder(named);
      const { verdict, run } = judgeRun(folder);
      if (verdict.verdict !== 'fail') throw notFailed(folder.path, verdict);
      const scenario = folder.readScenario();
      const file = resolve(options.out ?? `${scenario.name}-shrunk.ts`);
      if (!file.endsWith('.ts')) throw badFile(file, 'its name does not end in .ts');
      if (existsSync(file)) throw badFile(file, 'it is there already');
      // At once, and not after forty runs: the scenario takes the file's name.
      parseScenario({ ...scenario, name: basename(file, '.ts') }, file);
      if (run.reference?.defect !== undefined) throw planted(run.reference.defect);
      const signal = interruptSignal();
      await cleanUp();
      const codes = failureCodes(verdict);
      const spec = run.target === undefined ? DEFAULT_SPEC : parseSpec(run.target, (path) => path);
      const tail = stackWords(spec)
        .map((word) => ` ${word}`)
        .join('');
      const command = `npx langfuse-chaos run ${options.out ?? `./${basename(file)}`} --seed ${run.seed}${tail}`;
      console.log(
        `${scenario.timeline.length} steps fail with ${[...codes].join(', ')}; at most ${options.maxRuns} runs`,
      );
      await using trials = new Trials();
      const found = await shrink({
        signal,
        scenario,
        codes,
        maxRuns: options.maxRuns,
        confirm: options.confirm,
        jobs: options.jobs,
        run: async (candidate) => {
          const trial = {
            scenario: candidate,
            seed: run.seed,
            command,
            signal,
            spec,
          };
          try {
            return (await trials.run(trial)).verdict;
          } catch (error) {
            if (!signal.aborted) console.log(`  ${messageOf(error)}`);
            return undefined;
          }
        },
        onRun: (tried) => console.log(lineOf(tried)),
      });
      const small = {
        ...found.scenario,
        name: basename(file, '.ts'),
        proves: `These ${found.scenario.timeline.length} of the ${scenario.timeline.length} steps of ${run.id} are enough to fail with ${[...codes].join(', ')}.`,
      };
      const origin = { run: run.id, steps: scenario.timeline.length, sentence: verdict.sentence, command };
      writeFileSync(file, scenarioText(small, origin));
      console.log(`\n${renderPlan(small, run.seed, 'as in the file')}`);
      if (found.unfinished) {
        console.log('It was not finished: perhaps it gets smaller with more runs (--max-runs).');
      }
      console.log(
        `${found.runs} runs, ${small.timeline.length} of ${scenario.timeline.length} steps left. Wrote ${file}\nSee it fail: ${command}`,
      );
      signal.throwIfAborted();
      process.exitCode = found.unfinished ? EXIT.unknown : EXIT.pass;
    });
}

function lineOf({ number, candidate, fails }: ShrinkRun): string {
  const steps = candidate.timeline.map((step) =>
    'fault' in step ? `${step.fault.name} on ${step.fault.on} ${step.for} s` : Object.keys(step).at(-1),
  );
  return `  run ${number}: ${fails ? 'fails ' : 'passes'} with ${steps.join('; ') || 'no fault at all'}`;
}

function notFailed(folder: string, verdict: Verdict): ChaosError {
  return new ChaosError({
    code: 'E_USAGE',
    happened: `The run ${folder} did not fail: ${verdict.sentence}`,
    expected: 'a run whose verdict is fail',
    remedy: 'name one that failed.',
  });
}

function planted(defect: string): ChaosError {
  return new ChaosError({
    code: 'E_USAGE',
    happened: `The defect "${defect}" was planted in that run, which no scenario file can say.`,
    expected: 'a run of a pipeline as it is',
    remedy: 'name another run.',
  });
}

function badFile(file: string, why: string): ChaosError {
  return new ChaosError({
    code: 'E_USAGE',
    happened: `The scenario can't be written to ${file}: ${why}.`,
    remedy: 'name another file with --out.',
  });
}
