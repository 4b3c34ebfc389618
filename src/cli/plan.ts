import { Command } from 'commander';
import { createRandom } from '../base/random.ts';
import { loadScenario } from '../run/load-scenario.ts';
import { parseSetting, requireRead, type Setting, withSettings } from '../run/settings.ts';
import { renderPlan } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { VARIABLES } from '../stack/embedded/variables.ts';
import { openTraffic } from '../traffic/traffic.ts';
import { collect } from './option-values.ts';

interface PlanFlags {
  readonly seed: string;
  readonly set: readonly Setting[];
  readonly json?: boolean;
}

/** `plan SCENARIO` */
export function planCommand(): Command {
  return new Command('plan')
    .description('print what a scenario would do, as a tree; starts nothing')
    .argument('<scenario>', 'name of the catalogue or path of a scenario file')
    .option('--seed <seed>', 'the seed of the traffic', '1')
    .option(
      '--set <process.NAME=value>',
      'a variable of web or worker, as for run',
      collect(parseSetting),
      [],
    )
    .option('--json', 'print the scenario as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos plan clickhouse-blip --seed 7\n  langfuse-chaos plan ./mine.ts',
    )
    .action(async (name: string, { seed, set, json }: PlanFlags) => {
      requireRead(set, VARIABLES);
      const scenario = withSettings(await loadScenario(name), set);
      const text = json
        ? JSON.stringify({ seed, ...scenario }, null, 2)
        : renderPlan(scenario, seed, trafficText(scenario, seed));
      process.stdout.write(json ? `${text}\n` : text);
    });
}

/** What a scenario's traffic amounts to with this seed. */
export function trafficText(scenario: Scenario, seed: string): string {
  const { totalEvents, durationMs } = openTraffic(scenario.traffic, createRandom(seed).fork('traffic'));
  const amount = `${totalEvents} events in ${(durationMs / 1000).toFixed(1)} s`;
  return scenario.traffic.kind === 'recording'
    ? `recording ${scenario.traffic.file}, speed ${scenario.traffic.speed}, ${scenario.traffic.repeat} times: ${amount}`
    : `generated, ${scenario.traffic.rate} events a second, batches of 1 to ${scenario.traffic.maxBatch}: ${amount}`;
}
