import { cut } from './format.ts';
import { Markup, markup } from './markup.ts';

const LONGEST = 1000;

/** One `<testcase>`; without a result it passed. */
export interface TestCase {
  /** What it is about; the last part of its class name. */
  readonly group: string;
  readonly name: string;
  readonly result?: {
    readonly kind: 'failure' | 'error' | 'skipped';
    readonly type: string;
    readonly message: string;
    readonly lines?: readonly string[];
  };
}

/** One `<testsuite>`: what stands for one run, or for one scenario that was compared. */
export interface TestSuite {
  /** What tells it from the others of the file. */
  readonly name: string;
  readonly startedAt: number;
  readonly tookMs: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly TestCase[];
  readonly out: string;
}

/**
 * Test suites as a JUnit file, for the test view of a CI system. Keeps to the schemas of Apache Ant (attributes that it requires and
 * their order of elements) and of Jenkins.
 */
export function renderJunit(suites: readonly TestSuite[]): string {
  return `${markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${lines(suites.map(suiteElement))}
</testsuites>`}\n`;
}

function suiteElement({ name, startedAt, tookMs, properties, cases, out }: TestSuite, id: number): Markup {
  const count = (kind: 'failure' | 'error' | 'skipped') =>
    cases.filter((one) => one.result?.kind === kind).length;
  return markup`  <testsuite id="${id}" package="langfuse-chaos" name="${`langfuse-chaos.${cut(name, LONGEST)}`}" timestamp="${timestamp(startedAt)}" hostname="localhost" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${(Math.max(0, tookMs) / 1000).toFixed(3)}">
    <properties>
${lines(Object.entries(properties).map(([key, value]) => markup`      <property name="${cut(key, LONGEST) || 'unnamed'}" value="${cut(value, LONGEST)}"/>`))}
    </properties>
${lines(cases.map((one) => testCase(name, one)))}
    <system-out>${lines(out.split('\n').map((line) => markup`${line}`))}</system-out>
    <system-err/>
  </testsuite>`;
}

function testCase(suite: string, { group, name, result }: TestCase): Markup {
  const attributes = markup`name="${cut(name, LONGEST)}" classname="${`langfuse-chaos.${cut(suite, LONGEST)}.${group}`}" time="0"`;
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
