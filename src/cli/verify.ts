import { relative } from 'node:path';
import { Command } from 'commander';
import { renderSummary } from '../report/terminal.ts';
import { judgeRun } from '../run/judge-run.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { exitCodeOfVerdicts } from './exit-codes.ts';

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
      process.exitCode = exitCodeOfVerdicts([judged.verdict]);
    });
}
