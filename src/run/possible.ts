import { ChaosError } from '../base/errors.ts';
import { bindFault } from '../faults/catalogue.ts';
import type { FaultSpec, Scenario } from '../scenario/scenario.ts';
import { type StackSpec, specText } from '../stack/spec.ts';
import { lackOf } from '../stack/stacks.ts';

/** Every fault that a scenario's timeline names. */
export function faultsOf({ timeline }: Pick<Scenario, 'timeline'>): FaultSpec[] {
  return timeline.flatMap((step) => [
    ...('fault' in step ? [step.fault] : []),
    ...('inTurn' in step ? step.inTurn.map(({ fault }) => fault) : []),
  ]);
}

/** Why a scenario can't be run on a stack, a line for each fault that can't be injected there; empty when it can. */
export function whyImpossible(scenario: Scenario, spec: StackSpec): string[] {
  const lines = faultsOf(scenario).flatMap((fault) => {
    const lack = lackOf(spec, bindFault(fault).group, fault.on);
    return lack === undefined ? [] : [`${fault.name} on ${fault.on}: ${lack}`];
  });
  return [...new Set(lines)];
}

/**
 * Refuses a scenario that can't be run on a stack, before anything is started.
 *
 * @throws ChaosError `E_NOT_ON_STACK`
 */
export function requirePossible(scenario: Scenario, spec: StackSpec): void {
  const reasons = whyImpossible(scenario, spec);
  if (reasons.length === 0) return;
  throw new ChaosError({
    code: 'E_NOT_ON_STACK',
    happened: `${scenario.name} can't be run on ${specText(spec)}: ${reasons.join('; ')}.`,
    remedy: 'run it on another stack, or another scenario on this one.',
  });
}
