import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import type { Verdict } from '../checker/verdict.ts';
import { createLiveView } from '../report/live.ts';
import { renderSummary } from '../report/terminal.ts';
import { loadScenario } from '../run/load-scenario.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { removeLeftovers } from '../stack/embedded/remove.ts';
import { startEmbeddedStack } from '../stack/embedded/start.ts';
import { EXIT, exitCodeOfVerdicts } from './exit-codes.ts';
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
      for (const id of await removeLeftovers()) {
        console.error(`Removed what a killed run had left behind: stack ${id}.`);
      }
      const out = options.json ? process.stderr : process.stdout;
      const verdicts: Verdict[] = [];
      try {
        for (const [index, scenario] of scenarios.entries()) {
          const command = `npx langfuse-chaos run ${quoted(names[index] ?? '')} --seed ${quoted(seed)}`;
          verdicts.push(await runAndShow(scenario, seed, command, out, signal));
        }
      } finally {
        if (options.json) console.log(JSON.stringify(verdicts, null, 2));
        const code = exitCodeOfVerdicts(verdicts);
        // Of a run that failed, an error in a later one must not take away the failure.
        if (verdicts.length === scenarios.length || code === EXIT.fail) process.exitCode = code;
      }
    });
}

async function runAndShow(
  scenario: Scenario,
  seed: string,
  command: string,
  out: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<Verdict> {
  out.write(`seed ${seed}; repeat with: ${command}\n`);
  const title = `${scenario.name} · seed ${seed}`;
  const view = createLiveView({ output: out, clock: systemClock, title, color: out.isTTY }, process.env);
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
    view.done();
    out.write(
      `\n${renderSummary({ ...run, folder: relative(process.cwd(), run.folder.path), color: out.isTTY })}`,
    );
    return run.verdict;
  } finally {
    view.done();
  }
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
