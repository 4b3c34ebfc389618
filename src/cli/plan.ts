import { Command } from 'commander';
import { createRandom } from '../base/random.ts';
import { withSecretsHidden } from '../base/secret-settings.ts';
import { loadScenario } from '../run/load-scenario.ts';
import { asSentTo, forTarget } from '../run/own-back-off.ts';
import { replacementsOf } from '../run/possible.ts';
import { parseSetting, requireEffect, type Setting, withSettings } from '../run/settings.ts';
import { type PlannedVersions, renderPlan } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { specText } from '../stack/spec.ts';
import { openTraffic, protocolOf } from '../traffic/traffic.ts';
import { collect } from './option-values.ts';
import { addStackOptions, addUpgradeOption, otherOf, type StackFlags, specOf } from './stack-options.ts';

interface PlanFlags extends StackFlags {
  readonly seed: string;
  readonly set: readonly Setting[];
  readonly json?: boolean;
  readonly upgradeTo?: string;
}

/** `plan SCENARIO` */
export function planCommand(): Command {
  return addUpgradeOption(addStackOptions(new Command('plan')))
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
    .action(async (name: string, flags: PlanFlags) => {
      const { seed, set, json } = flags;
      const spec = specOf(flags);
      requireEffect(spec, set);
      const scenario = asSentTo(forTarget(withSettings(await loadScenario(name, spec), set), spec), spec);
      const text = json
        ? JSON.stringify({ seed, ...withSecretsHidden(scenario) }, null, 2)
        : renderPlan(scenario, seed, trafficText(scenario, seed), versionsOf(scenario, flags));
      process.stdout.write(json ? `${text}\n` : text);
    });
}

/** What is replaced by what, in a scenario that replaces something and where it is known. */
function versionsOf(scenario: Scenario, flags: PlanFlags): PlannedVersions | undefined {
  const spec = specOf(flags);
  const other = otherOf(spec, flags);
  if (!other || replacementsOf(scenario).length === 0) return undefined;
  return { own: specText(spec), other: specText(other) };
}

/** What a scenario's traffic amounts to with this seed. */
export function trafficText(scenario: Scenario, seed: string): string {
  const { totalEvents, durationMs } = openTraffic(scenario.traffic, createRandom(seed).fork('traffic'));
  const way = protocolOf(scenario.traffic) === 'otlp' ? ', over OTLP, scores excepted' : '';
  const amount = `${totalEvents} events in ${(durationMs / 1000).toFixed(1)} s${way}`;
  return scenario.traffic.kind === 'recording'
    ? `recording ${scenario.traffic.file}, speed ${scenario.traffic.speed}, ${scenario.traffic.repeat} times: ${amount}`
    : `generated, ${scenario.traffic.rate} events a second, batches of 1 to ${scenario.traffic.maxBatch}: ${amount}`;
}
