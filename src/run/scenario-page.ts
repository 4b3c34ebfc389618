import { createRandom } from '../base/random.ts';
import { renderScenarioPage } from '../scenario/page.ts';
import { openTraffic } from '../traffic/traffic.ts';
import { loadScenario, scenarioNames } from './load-scenario.ts';

/** The README of `scenarios/` as the files there make it. @throws ChaosError `E_SCENARIO` when one of them is wrong */
export async function scenarioPage(): Promise<string> {
  const scenarios = await Promise.all(scenarioNames().map(loadScenario));
  return renderScenarioPage(
    scenarios.map((scenario) => ({
      scenario,
      trafficMs: openTraffic(scenario.traffic, createRandom('README')).durationMs,
    })),
  );
}
