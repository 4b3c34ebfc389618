import type { Verdict } from './verdict.ts';

/**
 * Whether a verdict is the one that a scenario names: a pass where it names no reason to fail, else a failure for named reasons and
 * none besides. How many events each reason is about, the scenario's expectations say.
 *
 * @param named codes of reasons, as a scenario's `failsOnV3360With` has them
 */
export function endedAsNamed(
  { verdict, reasons }: Pick<Verdict, 'verdict' | 'reasons'>,
  named: readonly string[] = [],
): boolean {
  const expected = named.length > 0 ? 'fail' : 'pass';
  return verdict === expected && reasons.every(({ code }) => named.includes(code));
}

/** Whether a run ended as its scenario says that Langfuse v3.36.0 does: {@link endedAsNamed}, and every expectation, of both kinds, held. */
export function isAsExpected(
  verdict: Pick<Verdict, 'verdict' | 'reasons' | 'expectations'>,
  named?: readonly string[],
): boolean {
  return endedAsNamed(verdict, named) && verdict.expectations.every(({ held }) => held);
}
