import { Command } from 'commander';
import { doctor, renderDoctor } from './doctor.ts';
import { EXIT } from './exit-codes.ts';

/** `doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('show each part that a stack needs, with version, origin and state')
    .option('--json', 'print the parts as JSON')
    .action(async (options: { json?: boolean }) => {
      const health = await doctor();
      console.log(options.json ? JSON.stringify(health, null, 2) : renderDoctor(health));
      process.exitCode = health.healthy ? EXIT.pass : EXIT.stackDidNotStart;
    });
}
