import { ChaosError, messageOf } from '../base/errors.ts';
import { isAsExpected } from '../checker/as-expected.ts';
import { BAD_OUTCOMES, type Finding, type Outcome } from '../checker/verdict.ts';
import { findingColumns, langfuseText, otherPipeline } from './describe.ts';
import { cut, formatCount, formatQuantity } from './format.ts';
import type { JudgedRun } from './judged-run.ts';
import type { TestCase, TestSuite } from './junit.ts';
import { OUTCOME_WORDS } from './words.ts';

/** Findings listed in one failure; the whole list is in `verdict.json`. */
const LISTED = 50;

/**
 * A run as a JUnit test suite: the verdict, each expectation and each bad outcome is a test case. A fail is a `<failure>`, an unknown
 * an `<error>`. Skipped is what neither passed nor failed: a weakness that was not shown, and the absence of bad outcomes in a run that
 * proves nothing. Of a run that counts by whether it ended as v3.36.0 is expected to (`run --as-expected`), that is the first test case;
 * bad outcomes that were expected are skipped, and a weakness that was not shown is a failure.
 *
 * @param name what tells it from the others of the file
 */
export function suiteOfRun(judged: JudgedRun, name = judged.run.scenario.name): TestSuite {
  const { run, verdict } = judged;
  const pipeline = otherPipeline(run);
  const langfuse = langfuseText(run);
  const reasons = run.asExpected ? reasonLines(verdict) : [];
  return {
    name,
    startedAt: run.startedAt,
    tookMs: (run.endedAt ?? run.startedAt) - run.startedAt,
    properties: {
      run: run.id,
      seed: run.seed,
      stack: run.stack,
      verdict: verdict.verdict,
      ...(pipeline === undefined ? {} : { pipeline }),
      ...(langfuse === undefined ? {} : { langfuse }),
      command: run.command,
      ...run.versions,
    },
    cases: [
      run.asExpected ? asExpectedCase(judged) : verdictCase(verdict),
      ...expectationCases(judged),
      ...outcomeCases(judged),
    ],
    out: [verdict.sentence, ...reasons].join('\n'),
  };
}

/** What stands for a run that could not be carried out: a suite whose one test case is an error. */
export function suiteOfNoRun({
  error,
  command,
  ...suite
}: Pick<TestSuite, 'name' | 'startedAt' | 'tookMs'> & {
  readonly command: string;
  readonly error: unknown;
}): TestSuite {
  const text = messageOf(error);
  return {
    ...suite,
    properties: { command },
    cases: [
      {
        group: 'verdict',
        name: 'the run was carried out',
        result: {
          kind: 'error',
          type: error instanceof ChaosError ? error.code : 'error',
          message: text.split('\n', 1)[0] ?? '',
          lines: text.split('\n'),
        },
      },
    ],
    out: '',
  };
}

function asExpectedCase({ run, verdict }: JudgedRun): TestCase {
  const named = run.scenario.failsOnV3360With;
  const name = `it ended as v3.36.0 is expected to: ${named ? `fail (${named.join(', ')})` : 'pass'}`;
  if (isAsExpected(verdict, named)) return { group: 'verdict', name };
  return { group: 'verdict', name, result: againstPass(verdict, verdict.verdict === 'unknown') };
}

function verdictCase(verdict: JudgedRun['verdict']): TestCase {
  const name = 'the verdict is pass';
  if (verdict.verdict === 'pass') return { group: 'verdict', name };
  return { group: 'verdict', name, result: againstPass(verdict, verdict.verdict !== 'fail') };
}

function againstPass(verdict: JudgedRun['verdict'], isError: boolean): NonNullable<TestCase['result']> {
  return {
    kind: isError ? 'error' : 'failure',
    type: verdict.verdict,
    message: verdict.sentence,
    lines: reasonLines(verdict),
  };
}

function reasonLines({ reasons }: JudgedRun['verdict']): string[] {
  return reasons.slice(0, LISTED).map((reason) => `${reason.verdict} (${reason.code}): ${reason.text}`);
}

function expectationCases({ run, verdict }: JudgedRun): TestCase[] {
  return verdict.expectations.map((expectation) => {
    const test = { group: 'expectations', name: `${expectation.kind}: ${expectation.text}` } as const;
    if (expectation.held) return test;
    const message = `seen: ${expectation.seen}`;
    return expectation.kind === 'must' || run.asExpected
      ? { ...test, result: { kind: 'failure', type: 'expectation', message } }
      : { ...test, result: { kind: 'skipped', type: 'not-shown', message: `not shown; ${message}` } };
  });
}

function outcomeCases({ run, verdict }: JudgedRun): TestCase[] {
  const last = verdict.checkpoints.at(-1);
  const expected = run.asExpected && isAsExpected(verdict, run.scenario.failsOnV3360With);
  const doubtful =
    !last || verdict.verdict === 'unknown' || verdict.reasons.some((reason) => reason.verdict === 'unknown');
  return BAD_OUTCOMES.map((outcome) => {
    const test = { group: 'outcomes', name: `no event is ${outcome}` } as const;
    const findings = verdict.findings.filter((finding) => finding.outcome === outcome);
    const count = Math.max(last?.outcomes[outcome] ?? 0, findings.length);
    if (count > 0) {
      const message = `${quantity(outcome, count)} ${OUTCOME_WORDS[outcome].label}: ${OUTCOME_WORDS[outcome].meaning}`;
      return expected
        ? {
            ...test,
            result: { kind: 'skipped', type: outcome, message: `as expected of v3.36.0: ${message}` },
          }
        : { ...test, result: { kind: 'failure', type: outcome, message, lines: list(findings) } };
    }
    if (!doubtful) return test;
    return {
      ...test,
      result: { kind: 'skipped', type: 'unknown', message: 'none was seen, but the run proves nothing' },
    };
  });
}

/** The verdict counts these two by entity. */
function quantity(outcome: Outcome, count: number): string {
  return outcome === 'duplicated' || outcome === 'unexpected'
    ? formatQuantity(count, 'entity', 'entities')
    : formatQuantity(count, 'event');
}

function list(findings: readonly Finding[]): string[] {
  const shown = findings
    .slice(0, LISTED)
    .map((finding) =>
      [...findingColumns(finding), finding.eventId ? `event ${cut(finding.eventId, 160)}` : '']
        .filter((column) => column !== '')
        .join('  '),
    );
  const hidden = findings.length - shown.length;
  return hidden > 0 ? [...shown, `… and ${formatCount(hidden)} more in verdict.json`] : shown;
}
