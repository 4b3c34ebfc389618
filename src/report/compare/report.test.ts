import { expect, test } from 'vitest';
import { compareFigures } from './compare.ts';
import type { RunFigures } from './figures.ts';
import { renderComparisonHtml } from './html.ts';
import { suitesOfComparison } from './junit.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { renderComparisonMarkdown } from './markdown.ts';
import { type ComparedScenario, type ComparisonReport, changedFacts, wordOfAll } from './report.ts';
import { renderComparison } from './terminal.ts';
import { exampleFigures } from './testing.ts';

const HOSTILE = '<script>alert(1)</script> | `x` \u001b[2J';
const good = exampleFigures();
const lossy = exampleFigures({ verdict: 'fail', outcomes: { ...good.outcomes, lost: 3 } });

function compared(from: RunFigures | undefined, to: RunFigures | undefined, name = 'blip'): ComparedScenario {
  const run = (target: string, figures: RunFigures | undefined, tables: string) => ({
    target,
    seed: '7',
    folder: `../${target}`,
    sentence: `All of ${name}.`,
    ...(figures ? { figures } : {}),
    facts: { stack: 'embedded', [`table ${tables}`]: 'there' },
  });
  return {
    scenario: name,
    proves: name,
    from: run('old', from, 'event_log'),
    to: run('new', to, 'events_full'),
    sameTraffic: true,
    notes: [],
    ...compareFigures(from, to, DEFAULT_LIMITS),
  };
}

function report(...scenarios: ComparedScenario[]): ComparisonReport {
  return {
    version: 1,
    id: 'x',
    from: 'old',
    to: 'new',
    command: 'npx langfuse-chaos compare',
    startedAt: 0,
    endedAt: 60_000,
    limits: DEFAULT_LIMITS,
    scenarios,
    leftOut: ['dns: not possible there'],
  };
}

test('worse ranks above unknown, unknown above better, better above same', () => {
  const [same, worse] = [compared(good, good), compared(good, lossy)];
  const [better, unknown] = [compared(lossy, good), compared(good, undefined)];
  expect(wordOfAll(report(same))).toBe('same');
  expect(wordOfAll(report(same, better))).toBe('better');
  expect(wordOfAll(report(better, unknown))).toBe('unknown');
  expect(wordOfAll(report(unknown, worse, better))).toBe('worse');
});

test('where one of the runs could not be carried out nothing is said to have come or gone', () => {
  const { from, to } = compared(good, undefined);
  expect(changedFacts({ from, to: { ...to, facts: {} } })).toEqual([]);
  expect(changedFacts({ from: { ...from, facts: {} }, to })).toEqual([]);
});

test('what came and went is told, what stayed is not', () => {
  expect(changedFacts(compared(good, good))).toEqual([
    { name: 'table event_log', from: 'there', to: '–' },
    { name: 'table events_full', from: '–', to: 'there' },
  ]);
});

test('the terminal says at once which is worse, and by what', () => {
  const text = renderComparison(report(compared(good, lossy)), { file: 'report.html', color: false });
  expect(text).toMatch(/^▼ WORSE {2}old → new\n/);
  expect(text).toContain('blip: worse: verdict pass → fail; lost 0 → 3 (--more-lost 0)');
  expect(text).toMatch(/blip {2,}▼ worse {2}✓ pass → ✗ fail {2}0 → 3 /);
  expect(text).toContain('left out: dns: not possible there');
  expect(text).toContain('table event_log: there → –');
});

test('a run that is not there is named', () => {
  const text = renderComparison(report(compared(good, undefined)), { file: 'report.html', color: false });
  expect(text).toContain('? unknown');
  expect(text).toContain('new: All of blip.');
});

test.each([
  ['HTML', renderComparisonHtml],
  ['Markdown', renderComparisonMarkdown],
] as const)('no text from outside becomes markup in %s', (_name, render) => {
  const text = render(report(compared(good, lossy, HOSTILE)));
  expect(text).not.toContain('<script>alert');
  expect(text).not.toContain('\u001b');
});

test('nor does it end a cell of a Markdown table', () => {
  expect(renderComparisonMarkdown(report(compared(good, lossy, HOSTILE)))).not.toContain('| `x`');
});

test('the page asks no address for anything', () => {
  const html = renderComparisonHtml(report(compared(good, lossy)));
  expect(html).toContain("default-src 'none'");
  expect(html.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '')).not.toMatch(/(src|href)="https?:/);
});

test('as JUnit: worse is a failure, unknown an error, what was left out is skipped', () => {
  const suites = suitesOfComparison(
    report(
      compared(good, good, 'same'),
      compared(good, lossy, 'worse'),
      compared(good, undefined, 'unknown'),
      compared(lossy, good, 'better'),
    ),
  );
  expect(
    suites.map(({ name, cases }) => [name, ...cases.map(({ result }) => [result?.kind, result?.message])]),
  ).toEqual([
    ['compare same', [undefined, undefined]],
    ['compare worse', ['failure', expect.stringContaining('pass → fail')]],
    ['compare unknown', ['error', expect.stringMatching(/./)]],
    ['compare better', [undefined, undefined]],
    ['compare', ['skipped', 'dns: not possible there']],
  ]);
});
