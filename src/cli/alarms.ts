import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { Command, Option } from 'commander';
import {
  ALARM_KINDS,
  type AlarmKind,
  type AlarmOptions,
  type AlarmResult,
  countAlarms,
  runAlarms,
} from '../run/alarms.ts';
import { cleanUp } from './clean-up.ts';
import { EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { parseJobs, wholePositive } from './option-values.ts';

/** Runs of each kind, and stacks at a time. */
const RUNS = 100;
const JOBS = 2;

/** `alarms` */
export function alarmsCommand(): Command {
  return new Command('alarms')
    .description('run a pipeline that loses nothing many times, with and without faults: none may fail')
    .option('--runs <n>', 'runs of each kind', wholePositive, RUNS)
    .option('--jobs <n>', 'stacks at a time', parseJobs, JOBS)
    .option('--seed <n>', 'seed of the first run; each further one has the next number', wholePositive)
    .addOption(new Option('--only <kind>', 'one kind of run').choices(ALARM_KINDS))
    .addHelpText(
      'after',
      `
Exit code 1 when a run failed: a false alarm, or a defect of the safe pipeline. 5 when a run ended in a defect of langfuse-chaos.
2 when more than a tenth of the runs are unknown, or none passed: that proves nothing. Fewer unknown ones are listed with their causes,
and fail nothing. The folders of runs that did not pass stay.

Examples:
  langfuse-chaos alarms
  langfuse-chaos alarms --runs 10 --only nemesis --seed 1`,
    )
    .action(async (flags: { runs: number; jobs: number; seed?: number; only?: AlarmKind }) => {
      const signal = interruptSignal('ending the runs');
      await cleanUp();
      const kinds = flags.only ? [flags.only] : ALARM_KINDS;
      const options = { ...flags, kinds, seed: flags.seed ?? randomInt(1, 1_000_000), signal };
      process.exitCode = await runAndTell(options);
    });
}

async function runAndTell(options: Omit<AlarmOptions, 'onEnd'>): Promise<number> {
  const { runs, kinds, seed } = options;
  const total = runs * kinds.length;
  const only = kinds.length === 1 ? ` --only ${kinds[0]}` : '';
  console.log(`${total} runs; repeat with: npx langfuse-chaos alarms --runs ${runs} --seed ${seed}${only}`);
  const ended: AlarmResult[] = [];
  const onEnd = (result: AlarmResult) => {
    ended.push(result);
    // Stays if the rest is interrupted.
    if (result.verdict === 'fail') process.exitCode = EXIT.fail;
    console.log(`${String(ended.length).padStart(String(total).length)}/${total}  ${lineOf(result)}`);
  };
  const results = await runAlarms({ ...options, onEnd });
  for (const kind of kinds) {
    const { pass, unknown, fail } = countAlarms(results.filter((result) => result.kind === kind));
    console.log(`\n${kind}: ${pass} pass, ${unknown} unknown, ${fail} fail`);
    for (const result of results) {
      if (result.kind === kind && result.verdict !== 'pass') console.log(`  ${lineOf(result)}`);
    }
  }
  for (const { seed, defect } of results) {
    if (defect !== undefined)
      console.error(`\nseed ${seed}: this is a defect of langfuse-chaos; please report it:\n`, defect);
  }
  return exitCodeOfAlarms(results);
}

/** Of this many runs at most one may be unknown for the others to prove something. */
const RUNS_FOR_ONE_UNKNOWN = 10;

/** The exit code of all runs: fail ranks above a defect of the harness, that above too many unknown ones. */
export function exitCodeOfAlarms(results: readonly AlarmResult[]): number {
  const { pass, unknown, fail } = countAlarms(results);
  if (fail > 0) return EXIT.fail;
  if (results.some(({ defect }) => defect !== undefined)) return EXIT.error;
  return pass === 0 || unknown * RUNS_FOR_ONE_UNKNOWN > results.length ? EXIT.unknown : EXIT.pass;
}

function lineOf({ kind, seed, verdict, causes, folder }: AlarmResult): string {
  const where = folder ? ` (${relative(process.cwd(), folder)})` : '';
  return `${verdict.padEnd(7)}  ${kind} · seed ${seed}${causes.map((cause) => ` · ${cause}`).join('')}${where}`;
}
