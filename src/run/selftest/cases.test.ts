import { expect, test } from 'vitest';
import { BAD_OUTCOMES, STAGES } from '../../checker/verdict.ts';
import { bindFault } from '../../faults/catalogue.ts';
import { DEFECT_NAMES } from '../../reference/defects.ts';
import { parseScenario } from '../../scenario/schema.ts';
import { CASES } from './cases.ts';
import { lastStage } from './expectation.ts';

test('every planted defect has one case, and so has the pipeline without one', () => {
  expect(CASES.map(({ name }) => name).sort()).toEqual(['none', ...DEFECT_NAMES].sort());
});

test.each(CASES.map((each) => [each.name, each] as const))(
  '%s is a scenario that can be run',
  (_, { scenario }) => {
    expect(() => parseScenario(scenario, 'a case')).not.toThrow();
    for (const step of scenario.timeline)
      if ('fault' in step) expect(() => bindFault(step.fault)).not.toThrow();
  },
);

test('together they call for every bad outcome and every stage', () => {
  const lines = CASES.flatMap(({ expect: expected }) => expected.planted);
  expect(new Set(lines.map(({ outcome }) => outcome))).toEqual(
    new Set([...BAD_OUTCOMES, 'recovered-by-replay']),
  );
  const stages = new Set(lines.flatMap((line) => lastStage(line.stages) ?? []));
  expect(stages).toEqual(new Set(STAGES));
});
