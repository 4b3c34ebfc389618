import { Command } from 'commander';
import { loadScenario, scenarioNames } from '../run/load-scenario.ts';

/** `list` */
export function listCommand(): Command {
  return new Command('list')
    .description('list the scenarios of the catalogue and what each proves')
    .option('--json', 'print the scenarios as JSON')
    .action(async (options: { json?: boolean }) => {
      const scenarios = await Promise.all(scenarioNames().map(loadScenario));
      if (options.json) {
        console.log(JSON.stringify(scenarios, null, 2));
        return;
      }
      for (const { name, proves, reproduces } of scenarios) {
        console.log(`${name}\n  ${proves}${reproduces ? `\n  reproduces ${reproduces}` : ''}`);
      }
    });
}
