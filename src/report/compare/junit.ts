import type { TestCase, TestSuite } from '../junit.ts';
import type { ComparedScenario, ComparisonReport } from './report.ts';

/**
 * A comparison as JUnit test suites, one for each scenario, with the one test case that the second is not worse: worse is a
 * `<failure>`, unknown an `<error>`. What was left out is skipped.
 */
export function suitesOfComparison(report: ComparisonReport): TestSuite[] {
  const { scenarios, leftOut, from, to, command, startedAt, endedAt } = report;
  const common = { startedAt, properties: { from, to, command } };
  const suites = scenarios.map((compared) => ({
    ...common,
    name: `compare ${compared.scenario}`,
    tookMs: 0,
    cases: [notWorse(compared)],
    out: [
      `from ${compared.from.target}: ${compared.from.sentence}`,
      `to ${compared.to.target}: ${compared.to.sentence}`,
    ].join('\n'),
  }));
  const skipped = leftOut.map((text): TestCase => {
    return { group: 'left out', name: text, result: { kind: 'skipped', type: 'left-out', message: text } };
  });
  const all = { ...common, name: 'compare', tookMs: endedAt - startedAt, cases: skipped, out: '' };
  return skipped.length > 0 ? [...suites, all] : suites;
}

function notWorse({ word, worse, unknown }: ComparedScenario): TestCase {
  const test = { group: 'comparison', name: 'the second is not worse than the first' };
  if (word !== 'worse' && word !== 'unknown') return test;
  const texts = worse.map(
    ({ what, from, to, limit }) => `${what}: ${from} → ${to}${limit === undefined ? '' : ` (${limit})`}`,
  );
  const lines = [...texts, ...unknown];
  return {
    ...test,
    result: {
      kind: word === 'worse' ? 'failure' : 'error',
      type: word,
      message: lines[0] ?? word,
      lines,
    },
  };
}
