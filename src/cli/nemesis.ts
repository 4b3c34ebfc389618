import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import { createRandom } from '../base/random.ts';
import { DEFAULT_LIMITS, fewerText, makeNemesis } from '../run/nemesis/make-nemesis.ts';
import { MENU } from '../run/nemesis/menu.ts';
import { renderPlan } from '../scenario/plan.ts';
import { RECOVERY_ORDER, type RecoveryStep } from '../scenario/scenario.ts';
import type { StackSpec } from '../stack/spec.ts';
import { listOf, positive, wholePositive } from './option-values.ts';
import { trafficText } from './plan.ts';
import { carryOutAndShow } from './show-runs.ts';
import { addStackOptions, type StackFlags, specOf, stackWords } from './stack-options.ts';

/** What is done before the last look, by what `--recovery` takes. */
const RECOVERY = {
  none: [],
  retry: RECOVERY_ORDER.slice(0, 1),
  all: RECOVERY_ORDER,
} as const satisfies Record<string, readonly RecoveryStep[]>;

interface Options extends StackFlags {
  readonly seed?: string;
  readonly faults?: string[];
  readonly on?: string[];
  readonly count: number;
  readonly atOnce: number;
  readonly seconds: number;
  readonly longest: number;
  readonly recovery: keyof typeof RECOVERY;
  readonly plan?: boolean;
  readonly json?: boolean;
}

/** `nemesis` */
export function nemesisCommand(): Command {
  const { count, atOnce, seconds, longest, shortest } = DEFAULT_LIMITS;
  return addStackOptions(new Command('nemesis'))
    .description('run random faults from a seed, within limits, and judge every event')
    .option('--seed <seed>', 'repeat the faults and the traffic of an earlier run')
    .option('--faults <names>', 'draw only these, separated by commas', listOf)
    .option('--on <places>', 'draw only these links and processes, separated by commas', listOf)
    .option('--count <n>', 'how many faults', wholePositive, count)
    .option('--at-once <n>', 'most faults that are active together', wholePositive, atOnce)
    .option('--seconds <n>', 'how long faults may happen', positive, seconds)
    .option('--longest <seconds>', `longest that one lasts; the shortest is ${shortest}`, positive, longest)
    .addOption(
      new Option('--recovery <steps>', 'what is done before the last look: nothing, the retry, or all')
        .choices(Object.keys(RECOVERY))
        .default('all'),
    )
    .option('--plan', 'print the faults that the seed draws; starts nothing')
    .option('--json', 'print the verdict as JSON on standard output, progress on standard error')
    .addHelpText(
      'after',
      `
It draws from: ${[...new Set(MENU.map(({ fault }) => fault))].join(', ')}
on: ${[...new Set(MENU.map(({ on }) => on))].join(', ')}

Examples:
  langfuse-chaos nemesis --seed 7
  langfuse-chaos nemesis --on worker→clickhouse,worker --count 6 --seconds 40 --recovery none
  langfuse-chaos shrink latest          reduce what was found to a scenario file`,
    )
    .action(async (options: Options) => {
      const seed = options.seed ?? String(randomInt(1_000_000));
      const on = options.on?.map((place) => place.replace('->', '→'));
      const scenario = makeNemesis(createRandom(seed).fork('nemesis'), {
        ...options,
        shortest,
        recovery: RECOVERY[options.recovery],
        ...(on ? { on } : {}),
      });
      const fewer = fewerText(scenario, options);
      if (fewer) process.stderr.write(`${fewer}\n`);
      if (options.plan) {
        process.stdout.write(renderPlan(scenario, seed, trafficText(scenario, seed)));
        return;
      }
      const spec = specOf(options);
      await carryOutAndShow({
        runs: [{ label: 'nemesis', scenario, varied: [], command: commandOf(seed, options, spec) }],
        seed,
        jobs: 1,
        isMatrix: false,
        asExpected: false,
        spec,
        json: options.json ?? false,
      });
    });
}

/** All limits are in it, also those that were not given: a later version may have others by default. */
function commandOf(seed: string, options: Options, spec: StackSpec): string {
  const words = [
    ['--seed', seed],
    ...(options.faults ? [['--faults', options.faults.join()]] : []),
    ...(options.on ? [['--on', options.on.join()]] : []),
    ['--count', options.count],
    ['--at-once', options.atOnce],
    ['--seconds', options.seconds],
    ['--longest', options.longest],
    ['--recovery', options.recovery],
    stackWords(spec),
  ];
  return `npx langfuse-chaos nemesis ${words.flat().join(' ')}`;
}
