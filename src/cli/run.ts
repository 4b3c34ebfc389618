import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import { createLiveView } from '../report/live.ts';
import { renderSummary } from '../report/terminal.ts';
import { loadScenario } from '../run/load-scenario.ts';
import { type FinishedRun, runScenario } from '../run/run-scenario.ts';
import { removeLeftovers } from '../stack/embedded/remove.ts';
import { startEmbeddedStack } from '../stack/embedded/start.ts';
import { exitCodeOfVerdicts } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';

/** What `npm start` runs. */
const DEFAULT_SCENARIO = 'clickhouse-outage';

/** `run [SCENARIO or FILE…]` */
export function runCommand(): Command {
  return new Command('run')
    .description('run scenarios, each on a fresh stack, and judge every event')
    .argument(
      '[scenarios...]',
      `names of the catalogue or paths of scenario files; ${DEFAULT_SCENARIO} unless told`,
    )
    .option('--seed <seed>', 'repeat the traffic of an earlier run, byte for byte')
    .option('--json', 'print the verdicts as JSON on standard output, progress on standard error')
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos run steady-state clickhouse-blip\n  langfuse-chaos run ./mine.ts --seed 42',
    )
    .action(async (named: string[], options: { seed?: string; json?: boolean }) => {
      const names = named.length > 0 ? named : [DEFAULT_SCENARIO];
      const scenarios = await Promise.all(names.map(loadScenario));
      const signal = interruptSignal();
      const seed = options.seed ?? String(randomInt(1_000_000));
      for (const id of await removeLeftovers())
        console.error(`Removed what a killed run had left behind: stack ${id}.`);

      const runs: FinishedRun[] = [];
      for (const [index, scenario] of scenarios.entries()) {
        const command = `npx langfuse-chaos run ${names[index]} --seed ${seed}`;
        const out = options.json ? process.stderr : process.stdout;
        out.write(`seed ${seed}; repeat with: ${command}\n`);
        const title = `${scenario.name} · seed ${seed}`;
        const view = createLiveView(
          { output: out, clock: systemClock, title, color: out.isTTY },
          process.env,
        );
        try {
          const run = await runScenario({
            scenario,
            seed,
            command,
            view,
            signal,
            clock: systemClock,
            startStack: startEmbeddedStack,
          });
          runs.push(run);
          view.done();
          const folder = relative(process.cwd(), run.folder.path);
          out.write(`\n${renderSummary({ ...run, folder, color: out.isTTY })}\n`);
        } finally {
          view.done();
        }
      }
      if (options.json)
        console.log(
          JSON.stringify(
            runs.map(({ verdict }) => verdict),
            null,
            2,
          ),
        );
      process.exitCode = exitCodeOfVerdicts(runs.map(({ verdict }) => verdict));
    });
}
