import { OUTCOMES, STAGES } from '../../checker/verdict.ts';
import type { RunFigures } from './figures.ts';

/** The figures of a run in which all went well, for tests; what is given stands in their place. */
export function exampleFigures(changed: Partial<RunFigures> = {}): RunFigures {
  const none = <Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  const outcomes = { ...none(OUTCOMES), ok: 100 };
  const at = { missing: none(STAGES), lost: 0, failedJobs: 0 };
  return {
    verdict: 'pass',
    acknowledged: 100,
    refused: 0,
    indeterminate: 0,
    outcomes,
    checkpoints: [
      { name: 'heal', ...at },
      { name: 'settled', ...at, blindLoss: 0 },
    ],
    traffic: { fingerprint: 'f', sent: 20, planned: 20, answers: { 207: 20 }, lastSentAt: 1000 },
    atRestAfter: 5000,
    allBackAfter: 5000,
    probes: [],
    doubts: [],
    ...changed,
  };
}
