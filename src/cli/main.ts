import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ChaosError } from '../base/errors.ts';
import { errorsOf } from '../base/thrown.ts';
import { alarmsCommand } from './alarms.ts';
import { compareCommand } from './compare.ts';
import { doctorCommand } from './doctor-command.ts';
import { downCommand } from './down.ts';
import { EXIT, exitCodeAfter, Interrupted } from './exit-codes.ts';
import { listCommand } from './list.ts';
import { nemesisCommand } from './nemesis.ts';
import { planCommand } from './plan.ts';
import { recoverCommand } from './recover.ts';
import { runCommand } from './run.ts';
import { searchCommand } from './search.ts';
import { selftestCommand } from './selftest.ts';
import { shrinkCommand } from './shrink.ts';
import { trafficCommand } from './traffic.ts';
import { undoCommand } from './undo.ts';
import { upCommand } from './up.ts';
import { verifyCommand } from './verify.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('langfuse-chaos')
  .description(
    'Proves, event by event, that what Langfuse acknowledged is not lost when ClickHouse, DNS, Redis, S3, Postgres or a worker fails.',
  )
  .version(version)
  .showHelpAfterError('(add --help for what the command takes)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  langfuse-chaos run                          the main job: a ClickHouse outage under recorded traffic
  langfuse-chaos run clickhouse-blip --seed 7
  langfuse-chaos run ./my-scenario.ts
  langfuse-chaos plan clickhouse-outage       what would happen when; starts nothing
  langfuse-chaos verify latest                judges the last run again

Exit codes: 0 pass, 1 fail, 2 unknown, 3 bad usage, 4 the stack did not start or an external target can't be used,
5 error in the middle or in langfuse-chaos itself, 130 interrupted; docs/errors.md has more.`,
  );

const commands = [
  runCommand,
  listCommand,
  planCommand,
  verifyCommand,
  compareCommand,
  nemesisCommand,
  searchCommand,
  shrinkCommand,
  upCommand,
  downCommand,
  alarmsCommand,
  undoCommand,
  recoverCommand,
  trafficCommand,
  doctorCommand,
  selftestCommand,
];
for (const make of commands) program.addCommand(make().exitOverride());
for (const group of program.commands) for (const sub of group.commands) sub.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said what is wrong by itself; help and version end with its code 0.
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.pass : EXIT.usage;
  } else {
    const [first, ...others] = errorsOf(error);
    for (const each of [first, ...others]) report(each);
    process.exitCode = exitCodeAfter(process.exitCode, first);
  }
}

/** Says what went wrong, the way that fits it. */
function report(error: unknown): void {
  if (error instanceof Interrupted) console.error('Interrupted; what this command had started is ended.');
  else if (error instanceof ChaosError) console.error(`error: ${error.message}`);
  else console.error('error: this is a defect of langfuse-chaos; please report it:\n', error);
}
