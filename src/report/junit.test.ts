import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { exampleRun } from './example-data.ts';
import { extremeRun, HOSTILE } from './extreme-data.ts';
import type { JudgedRun } from './judged-run.ts';
import { renderJunit } from './junit.ts';
import { suiteOfRun } from './junit-run.ts';

const junitOf = (judged: JudgedRun) => renderJunit([suiteOfRun(judged)]);

interface Element {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Element[];
  text: string;
}

/** Parses strictly; throws at the first thing that is not well-formed XML 1.0. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    (open.at(-1) as Element).text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(xml).close();
  return root.children[0] as Element;
}

function suiteOf(xml: string) {
  const suite = parse(xml).children[0] as Element;
  const cases = suite.children.filter((child) => child.name === 'testcase');
  const results = (kind: string) =>
    cases.flatMap((one) =>
      one.children
        .filter((child) => child.name === kind)
        .map((result) => ({ case: one.attributes.name, ...result })),
    );
  return {
    suite,
    cases,
    failures: results('failure'),
    errors: results('error'),
    skipped: results('skipped'),
  };
}

test.each(['pass', 'fail', 'unknown'] as const)('%s: what the schemas of Ant and Jenkins ask for', (kind) => {
  const { suite, cases, failures, errors, skipped } = suiteOf(junitOf(exampleRun(kind)));
  expect(suite.attributes).toMatchObject({
    name: 'langfuse-chaos.clickhouse-blip',
    timestamp: '2025-03-05T14:03:10',
    hostname: 'localhost',
    tests: String(cases.length),
    failures: String(failures.length),
    errors: String(errors.length),
    skipped: String(skipped.length),
  });
  expect(suite.attributes.time).toMatch(/^\d+\.\d{3}$/);
  const names = suite.children.map((child) => child.name);
  expect([names[0], ...new Set(names)]).toEqual([
    'properties',
    'properties',
    'testcase',
    'system-out',
    'system-err',
  ]);
  for (const one of cases) expect(Object.keys(one.attributes)).toEqual(['name', 'classname', 'time']);
  for (const result of [...failures, ...errors]) expect(result.attributes.type).not.toBe('');
});

test('pass: one test case per expectation and bad outcome, none of them complains', () => {
  const { cases, failures, errors, skipped } = suiteOf(junitOf(exampleRun('pass')));
  expect(cases).toHaveLength(1 + 3 + 6);
  expect([failures, errors, skipped]).toEqual([[], [], []]);
});

test('fail: the verdict, the expectation and the outcome fail, with the lost events', () => {
  const { failures, errors } = suiteOf(junitOf(exampleRun('fail')));
  expect(failures.map((failure) => failure.case)).toEqual([
    'the verdict is pass',
    'must: nothing is missing at the end',
    'no event is lost',
  ]);
  expect(errors).toEqual([]);
  const lines = failures[2]?.text.split('\n') ?? [];
  expect(lines).toHaveLength(51);
  expect(lines[0]).toMatch(
    /^lost {2}in S3 only {2}trace\/[0-9a-f]{32} {2}trace-create {2}event [0-9a-f]{32}$/,
  );
  expect(lines[50]).toBe('… and 134 more in verdict.json');
});

test('unknown: an error with its reason, and nothing that claims to have passed', () => {
  const { cases, failures, errors, skipped } = suiteOf(junitOf(exampleRun('unknown')));
  expect(failures).toEqual([]);
  expect(errors.map((error) => error.case)).toEqual(['the verdict is pass']);
  expect(errors[0]?.text).toContain('fault-not-felt');
  expect(skipped).toHaveLength(cases.length - 1);
});

test('the safe pipeline is among the properties, v3.36.0 is not', () => {
  const { run, verdict } = exampleRun('pass');
  const names = (pipeline?: string) =>
    junitOf({ run: { ...run, ...(pipeline ? { reference: { pipeline } } : {}) }, verdict });
  expect(names('safe')).toContain('<property name="pipeline" value="safe (not Langfuse)"/>');
  for (const other of [names(), names('v3.36.0')]) expect(other).not.toContain('name="pipeline"');
});

test('hostile texts stay texts, and 50,000 findings stay a short list', () => {
  const xml = junitOf(extremeRun(HOSTILE, 50_000));
  const { failures, suite } = suiteOf(xml);
  expect(failures.find((failure) => failure.case === 'no event is lost')?.text).toContain(
    '<img src=x onerror=alert(1)>',
  );
  expect(suite.children.at(-2)?.text).toContain('\\u{1b}[2J\\u{7}\\u{0}\\u{202e}\\u{d800}漢字');
  expect(Buffer.byteLength(xml)).toBeLessThan(1_000_000);
});

test('of runs that count as expected: a fail for the expected reasons is no failure, anything else is one', () => {
  const fail = exampleRun('fail');
  const of = (judged: JudgedRun, named?: string[], verdict: Partial<JudgedRun['verdict']> = {}) => {
    const scenario = { ...judged.run.scenario, ...(named ? { failsOnV3360With: named } : {}) };
    const run = { ...judged.run, asExpected: true, scenario };
    return suiteOf(junitOf({ run, verdict: { ...judged.verdict, ...verdict } }));
  };
  const held = fail.verdict.expectations.map((each) => ({ ...each, held: true }));
  const lost = fail.verdict.reasons.filter(({ code }) => code === 'lost');

  const asExpected = of(fail, ['lost'], { expectations: held, reasons: lost });
  expect([asExpected.failures, asExpected.errors]).toEqual([[], []]);
  expect(asExpected.skipped.map((each) => each.case)).toEqual(['no event is lost']);
  expect(asExpected.suite.children.at(-2)?.text).toMatch(/\nfail \(lost\): /);

  expect(of(fail, ['altered'], { expectations: held, reasons: lost }).failures[0]?.case).toBe(
    'it ended as v3.36.0 is expected to: fail (altered)',
  );
  expect(of(exampleRun('pass'), ['lost']).failures).toHaveLength(1);
  expect(of(exampleRun('pass')).failures).toEqual([]);
  const notShown = exampleRun('pass').verdict.expectations.map((each) => ({
    ...each,
    held: each.kind === 'must',
  }));
  expect(of(exampleRun('pass'), undefined, { expectations: notShown }).failures.length).toBeGreaterThan(1);
  expect(of(exampleRun('unknown')).errors).toHaveLength(1);
});

test('of rows that are doubled entities are counted, as in the verdict', () => {
  const { run, verdict } = exampleRun('fail');
  const last = verdict.checkpoints.at(-1) as (typeof verdict.checkpoints)[number];
  const checkpoints = [{ ...last, outcomes: { ...last.outcomes, duplicated: 3, lost: 1, unexpected: 1 } }];
  const xml = junitOf({ run, verdict: { ...verdict, checkpoints, findings: [] } });
  for (const said of ['3 entities duplicated', '1 event lost', '1 entity unexpected'])
    expect(xml).toContain(said);
});
