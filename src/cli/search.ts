import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { ChaosError, messageOf } from '../base/errors.ts';
import { bindFault } from '../faults/catalogue.ts';
import { renderSearch } from '../run/search/render-search.ts';
import { type SearchResult, search, type TriedLength } from '../run/search/search.ts';
import { parseSetting, requireEffect, type Setting } from '../run/settings.ts';
import { Trials } from '../run/trial.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import { cleanUp } from './clean-up.ts';
import { EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { collect, parseJobs, parseParameter, positive, wholePositive } from './option-values.ts';
import { addStackOptions, type StackFlags, specOf } from './stack-options.ts';

interface Options extends StackFlags {
  readonly param: readonly [string, unknown][];
  readonly shortest: number;
  readonly longest: number;
  readonly precision: number;
  readonly repeats: number;
  readonly jobs: number;
  readonly seed?: string;
  readonly set: readonly Setting[];
  readonly json?: boolean;
}

/** `search FAULT ON` */
export function searchCommand(): Command {
  return addStackOptions(new Command('search'))
    .description('find the longest outage of a kind that loses nothing: by itself, after retry, after replay')
    .argument('<fault>', 'name in the fault catalogue (docs/faults.md), for example refused')
    .argument('<on>', 'the link or component, for example worker→clickhouse')
    .option('--param <name=value>', 'a parameter of the fault; repeatable', collect(parseParameter), [])
    .option('--shortest <seconds>', 'shortest length to try', positive, 1)
    .option('--longest <seconds>', 'longest length to try', positive, 16)
    .option('--precision <seconds>', 'how close the border is looked for', positive, 1)
    .option('--repeats <n>', 'runs for each length; it is survived when all lose nothing', wholePositive, 2)
    .option('--jobs <n>', 'runs at a time', parseJobs, 2)
    .option('--seed <seed>', 'seed of the traffic; each repeat adds its number')
    .option(
      '--set <process.NAME=VALUE>',
      'a setting of the application; repeatable',
      collect(parseSetting),
      [],
    )
    .option('--json', 'print the result as JSON on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos search refused worker→clickhouse\n  langfuse-chaos search refused worker→clickhouse --set worker.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS=1000',
    )
    .action(async (name: string, on: string, options: Options) => {
      if (options.shortest >= options.longest) throw badRange(options);
      const fault: FaultSpec = bindFault({ name, on, ...Object.fromEntries(options.param) }).spec;
      const spec = specOf(options);
      requireEffect(spec, options.set);
      const seed = options.seed ?? String(randomInt(1_000_000));
      const signal = interruptSignal();
      await cleanUp();
      const out = options.json ? process.stderr : process.stdout;
      out.write(`seed ${seed}; lengths from ${options.shortest} s to ${options.longest} s\n`);
      await using trials = new Trials();
      const result: SearchResult = await search({
        ...options,
        fault,
        run: async (scenario, repeat) => {
          const trial = {
            scenario,
            seed: `${seed}-${repeat}`,
            command: `npx langfuse-chaos ${process.argv.slice(2).join(' ')}`,
            signal,
            spec,
          };
          try {
            return await trials.run(trial);
          } catch (error) {
            signal.throwIfAborted();
            out.write(`  ${messageOf(error)}\n`);
            return undefined;
          }
        },
        onRun: (tried) => out.write(`${lineOf(tried)}\n`),
      });
      if (options.json) console.log(JSON.stringify({ fault, seed, ...result }, null, 2));
      else out.write(`\n${renderSearch(fault, result)}`);
      process.exitCode = result.borders.some(({ uncertain }) => uncertain > 0) ? EXIT.unknown : EXIT.pass;
    });
}

function lineOf({ seconds, lasted, repeat, wrong, verdict }: TriedLength): string {
  const figure = (value: number | undefined) => (value === undefined ? 'unknown' : String(value));
  const measured = lasted === undefined ? '' : ` (lasted ${lasted.toFixed(1)} s)`;
  return `  ${seconds} s${measured}, run ${repeat + 1}: lost or wrong ${figure(wrong.settled)} by itself, ${figure(wrong['after-retry'])} after retry, ${figure(wrong['after-replay'])} after replay (${verdict})`;
}

function badRange({ shortest, longest }: Options): ChaosError {
  return new ChaosError({
    code: 'E_USAGE',
    happened: `There is nothing between the shortest length, ${shortest} s, and the longest, ${longest} s.`,
    remedy: 'make --longest longer than --shortest.',
  });
}
