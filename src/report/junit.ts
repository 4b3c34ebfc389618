import { BAD_OUTCOMES, type Finding } from '../checker/verdict.ts';
import { findingColumns, langfuseText, otherPipeline } from './describe.ts';
import { cut, formatCount, formatQuantity } from './format.ts';
import type { JudgedRun } from './judged-run.ts';
import { Markup, markup } from './markup.ts';
import { OUTCOME_WORDS } from './words.ts';

/** Findings listed in one failure; the whole list is in `verdict.json`. */
const LISTED = 50;
const LONGEST = 1000;

/** One `<testcase>`; without a result it passed. */
interface TestCase {
  readonly group: 'verdict' | 'expectations' | 'outcomes';
  readonly name: string;
  readonly result?: {
    readonly kind: 'failure' | 'error' | 'skipped';
    readonly type: string;
    readonly message: string;
    readonly lines?: readonly string[];
  };
}

/**
 * The run as a JUnit test suite, for the test view of a CI system: the verdict, each expectation and each bad
 * outcome is a test case. A fail is a `<failure>`, an unknown an `<error>`. Skipped is what neither passed nor
 * failed: a weakness that was not shown, and the absence of bad outcomes in a run that proves nothing.
 * Keeps to the schemas of Apache Ant (attributes that it requires and their order of elements) and of Jenkins.
 */
export function renderJunit({ run, verdict }: JudgedRun): string {
  const cases = [verdictCase(verdict), ...expectationCases(verdict), ...outcomeCases(verdict)];
  const count = (kind: 'failure' | 'error' | 'skipped') =>
    cases.filter((one) => one.result?.kind === kind).length;
  const seconds = Math.max(0, (run.endedAt ?? run.startedAt) - run.startedAt) / 1000;
  const pipeline = otherPipeline(run);
  const langfuse = langfuseText(run);
  const properties = {
    run: run.id,
    seed: run.seed,
    stack: run.stack,
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(langfuse === undefined ? {} : { langfuse }),
    command: run.command,
    ...run.versions,
  };
  return `${markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite id="0" package="langfuse-chaos" name="${`langfuse-chaos.${run.scenario.name}`}" timestamp="${timestamp(run.startedAt)}" hostname="localhost" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds.toFixed(3)}">
    <properties>
${lines(Object.entries(properties).map(([name, value]) => markup`      <property name="${cut(name, LONGEST) || 'unnamed'}" value="${cut(value, LONGEST)}"/>`))}
    </properties>
${lines(cases.map((one) => testCase(run.scenario.name, one)))}
    <system-out>${verdict.sentence}</system-out>
    <system-err/>
  </testsuite>
</testsuites>`}\n`;
}

function verdictCase(verdict: JudgedRun['verdict']): TestCase {
  const name = 'the verdict is pass';
  if (verdict.verdict === 'pass') return { group: 'verdict', name };
  return {
    group: 'verdict',
    name,
    result: {
      kind: verdict.verdict === 'fail' ? 'failure' : 'error',
      type: verdict.verdict,
      message: verdict.sentence,
      lines: verdict.reasons
        .slice(0, LISTED)
        .map((reason) => `${reason.verdict} (${reason.code}): ${reason.text}`),
    },
  };
}

function expectationCases(verdict: JudgedRun['verdict']): TestCase[] {
  return verdict.expectations.map((expectation) => {
    const test = { group: 'expectations', name: `${expectation.kind}: ${expectation.text}` } as const;
    if (expectation.held) return test;
    const message = `seen: ${expectation.seen}`;
    return expectation.kind === 'must'
      ? { ...test, result: { kind: 'failure', type: 'expectation', message } }
      : { ...test, result: { kind: 'skipped', type: 'not-shown', message: `not shown; ${message}` } };
  });
}

function outcomeCases(verdict: JudgedRun['verdict']): TestCase[] {
  const last = verdict.checkpoints.at(-1);
  const doubtful =
    !last || verdict.verdict === 'unknown' || verdict.reasons.some((reason) => reason.verdict === 'unknown');
  return BAD_OUTCOMES.map((outcome) => {
    const test = { group: 'outcomes', name: `no event is ${outcome}` } as const;
    const findings = verdict.findings.filter((finding) => finding.outcome === outcome);
    const count = Math.max(last?.outcomes[outcome] ?? 0, findings.length);
    if (count > 0) {
      const message = `${formatQuantity(count, 'event')} ${OUTCOME_WORDS[outcome].label}: ${OUTCOME_WORDS[outcome].meaning}`;
      return { ...test, result: { kind: 'failure', type: outcome, message, lines: list(findings) } };
    }
    if (!doubtful) return test;
    return {
      ...test,
      result: { kind: 'skipped', type: 'unknown', message: 'none was seen, but the run proves nothing' },
    };
  });
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

function testCase(scenario: string, { group, name, result }: TestCase): Markup {
  const attributes = markup`name="${cut(name, LONGEST)}" classname="${`langfuse-chaos.${scenario}.${group}`}" time="0"`;
  return result
    ? markup`    <testcase ${attributes}>\n      ${resultElement(result)}\n    </testcase>`
    : markup`    <testcase ${attributes}/>`;
}

function resultElement({ kind, type, message, lines: listed = [] }: NonNullable<TestCase['result']>): Markup {
  const text = lines(listed.map((line) => markup`${cut(line, LONGEST)}`));
  const said = cut(message, LONGEST);
  if (kind === 'failure') return markup`<failure type="${type}" message="${said}">${text}</failure>`;
  if (kind === 'error') return markup`<error type="${type}" message="${said}">${text}</error>`;
  return markup`<skipped message="${said}"/>`;
}

function lines(pieces: readonly Markup[]): Markup {
  return new Markup(pieces.map((piece) => piece.text).join('\n'));
}

/** `2025-03-05T14:03:22`, in UTC: Ant's schema allows neither zone nor fraction. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
