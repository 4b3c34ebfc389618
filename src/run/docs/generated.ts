import { CATALOGUE } from '../../faults/catalogue.ts';
import { PROFILES } from '../../langfuse/profile.ts';
import { ODD_TRAFFIC } from '../../traffic/odd/catalogue.ts';
import { scenarioPage } from '../scenario-page.ts';
import { selfTestPage } from '../selftest/page.ts';
import { renderFaultPage } from './fault-page.ts';
import { renderScenarioGuide } from './scenario-guide.ts';
import { renderVersionPage } from './version-page.ts';

/** Every page that is made from the code: its path in the repository, and its text. `npm run docs` writes them. */
export const GENERATED_PAGES: readonly (readonly [path: string, render: () => string | Promise<string>])[] = [
  ['docs/faults.md', () => renderFaultPage(CATALOGUE, ODD_TRAFFIC)],
  ['docs/scenarios.md', renderScenarioGuide],
  ['scenarios/README.md', scenarioPage],
  ['docs/selftest.md', selfTestPage],
  ['docs/versions.md', () => renderVersionPage(PROFILES)],
];

/** Where a page lies. */
export const pageFile = (path: string): URL => new URL(`../../../${path}`, import.meta.url);
