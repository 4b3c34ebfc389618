import { createRandom } from '../base/random.ts';
import { renderScenarioPage, type ScenarioEntry } from '../scenario/page.ts';
import { openTraffic } from '../traffic/traffic.ts';
import { loadScenario, scenarioNames } from './load-scenario.ts';

/** The README of `scenarios/` as the files there make it. @throws ChaosError `E_SCENARIO` when one of them is wrong */
export async function scenarioPage(): Promise<string> {
  return renderScenarioPage(await scenarioEntries());
}

/** Every scenario of the catalogue and how long its traffic is. @throws ChaosError `E_SCENARIO` when one of them is wrong */
export async function scenarioEntries(): Promise<ScenarioEntry[]> {
  const scenarios = await Promise.all(scenarioNames().map((name) => loadScenario(name)));
  return scenarios.map((scenario) => ({
    scenario,
    trafficMs: openTraffic(scenario.traffic, createRandom('README')).durationMs,
  }));
}
