import { Command } from 'commander';
import { scenarioEntries } from '../run/scenario-page.ts';
import { expectedText, type ScenarioEntry, secondsText } from '../scenario/page.ts';

/** `list` */
export function listCommand(): Command {
  return new Command('list')
    .description(
      'list the scenarios of the catalogue: length of the traffic, verdict of v3.36.0, what each proves',
    )
    .option('--json', 'print the scenarios as JSON')
    .action(async (options: { json?: boolean }) => {
      const entries = await scenarioEntries();
      const scenarios = entries.map(({ scenario }) => scenario);
      console.log(options.json ? JSON.stringify(scenarios, null, 2) : listText(entries));
    });
}

/** A line of columns for each scenario, and below it what it proves and reproduces. */
export function listText(entries: readonly ScenarioEntry[]): string {
  const widest = Math.max(...entries.map(({ scenario }) => scenario.name.length));
  return entries
    .flatMap(({ scenario, trafficMs }) => {
      const { name, proves, reproduces } = scenario;
      return [
        `${name.padEnd(widest)}  ${secondsText(trafficMs).padStart(6)}  ${expectedText(scenario)}`,
        `  ${proves}`,
        ...(reproduces ? [`  reproduces ${reproduces}`] : []),
      ];
    })
    .join('\n');
}
