import { Command } from 'commander';
import { undoOpenFaults } from '../run/undo.ts';
import { EXIT } from './exit-codes.ts';

/** `undo` */
export function undoCommand(): Command {
  return new Command('undo')
    .description('undo every fault that a killed run left in a stack that is still there')
    .action(async () => {
      const results = await undoOpenFaults();
      for (const { fault, result } of results) console.log(`${fault.name} on ${fault.on}: ${result}`);
      if (results.length === 0) console.log('No fault was left.');
      if (results.some(({ undone }) => !undone)) process.exitCode = EXIT.error;
    });
}
