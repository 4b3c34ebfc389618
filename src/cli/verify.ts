import { relative } from 'node:path';
import { Command } from 'commander';
import { isAsExpected } from '../checker/as-expected.ts';
import type { JudgedRun } from '../report/judged-run.ts';
import { renderSummary } from '../report/terminal.ts';
import { judgeRun } from '../run/judge-run.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { EXIT, exitCodeOfVerdicts } from './exit-codes.ts';

/** `verify RUN` */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('judge a stored run again, from its history and checkpoints, and write its reports anew')
    .argument('<run>', 'run folder, or its name below reports/, for example latest')
    .option('--json', 'print the verdict as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos verify latest\n  langfuse-chaos verify reports/latest --json',
    )
    .action(async (named: string, options: { json?: boolean }) => {
      const folder = openRunFolder(named);
      const judged = judgeRun(folder);
      const summary = () =>
        renderSummary({
          ...judged,
          folder: relative(process.cwd(), folder.path),
          color: process.stdout.isTTY,
        });
      process.stdout.write(options.json ? `${JSON.stringify(judged.verdict, null, 2)}\n` : summary());
      const { code, note } = outcomeOf(judged);
      if (note !== undefined) (options.json ? process.stderr : process.stdout).write(`${note}\n`);
      process.exitCode = code;
    });
}

/**
 * The exit code of a stored run, by the rule that it was run by; its JUnit file goes by it too.
 *
 * @returns with it what is to be said where that is another rule than the verdict's
 */
export function outcomeOf({ run, verdict }: JudgedRun): { readonly code: number; readonly note?: string } {
  if (!run.asExpected) return { code: exitCodeOfVerdicts([verdict]) };
  const isExpected = isAsExpected(verdict, run.scenario.failsOnV3360With);
  const code = isExpected ? EXIT.pass : EXIT.fail;
  const ended = isExpected ? 'ended' : 'did not end';
  return {
    code,
    note: `It was run with --as-expected, and ${ended} as v3.36.0 is expected to: exit code ${code}.`,
  };
}
