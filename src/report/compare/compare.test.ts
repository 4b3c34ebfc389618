import { expect, test } from 'vitest';
import { compareFigures, comparisonSentence, type Difference } from './compare.ts';
import type { RunFigures } from './figures.ts';
import { DEFAULT_LIMITS, limitOption, parseLimit } from './limits.ts';
import { exampleFigures } from './testing.ts';

const compare = (from: RunFigures | undefined, to: RunFigures | undefined, limits = DEFAULT_LIMITS) =>
  compareFigures(from, to, limits);
const names = (differences: readonly Difference[]) => differences.map(({ what }) => what);
const good = exampleFigures();
/** As many others that were not in time either, so that one more does not count as such. */
const losing = (lost: number) => exampleFigures({ outcomes: { ...good.outcomes, late: 10, lost } });
const blind = (blindLoss: number) =>
  exampleFigures({
    checkpoints: good.checkpoints.map((each) => (each.name === 'settled' ? { ...each, blindLoss } : each)),
  });
const recovering = (recoveredAfter: number | 'never') => exampleFigures({ allBackAfter: recoveredAfter });

test('two runs alike are the same', () => {
  expect(compare(good, good)).toEqual({ word: 'same', worse: [], better: [] });
});

test('one event more that is lost for good is worse, and the same the other way round is better', () => {
  const worse = compare(losing(1), losing(2));
  expect(worse.word).toBe('worse');
  expect(comparisonSentence(worse)).toBe('Worse: lost 1 → 2 (--more-lost 0).');
  expect(comparisonSentence(compare(losing(2), losing(1)))).toBe('Better: lost 2 → 1 (--more-lost 0).');
});

test('what depends on chance has room, but from nothing to something is worse', () => {
  expect(compare(blind(40), blind(50)).word).toBe('same');
  expect(names(compare(blind(40), blind(51)).worse)).toEqual(['blind loss']);
  expect(names(compare(blind(0), blind(1)).worse)).toEqual(['blind loss']);
});

test('a limit is what the user says', () => {
  const limits = { ...DEFAULT_LIMITS, moreLost: parseLimit('2'), moreBlind: parseLimit('0') };
  expect(compare(losing(0), losing(2), limits).word).toBe('same');
  expect(names(compare(losing(0), losing(3), limits).worse)).toEqual(['lost']);
  expect(names(compare(blind(40), blind(41), limits).worse)).toEqual(['blind loss']);
});

test.each(['duplicated', 'altered', 'vanished', 'leaked', 'unexpected'] as const)(
  'one event more that is %s is worse',
  (outcome) => {
    const wrong = exampleFigures({ outcomes: { ...good.outcomes, [outcome]: 1 } });
    expect(names(compare(good, wrong).worse)).toEqual([outcome]);
  },
);

test('a time has slack, since the harness looks once a second', () => {
  expect(compare(recovering(2000), recovering(12_900)).word).toBe('same');
  expect(names(compare(recovering(2000), recovering(13_001)).worse)).toEqual(['all back after']);
  expect(names(compare(recovering(60_000), recovering(100_001)).worse)).toEqual(['all back after']);
});

test('never back is longer than any time', () => {
  expect(comparisonSentence(compare(recovering(60_000), recovering('never')))).toBe(
    'Worse: all back after 1 min 00 s → never (--slower-by 50%).',
  );
  expect(compare(recovering('never'), recovering('never')).word).toBe('same');
  expect(compare(recovering('never'), recovering(60_000)).word).toBe('better');
});

test('an event that lands late by itself is better than one that has to be brought back', () => {
  const outcomes = (late: number, retried: number) =>
    exampleFigures({ outcomes: { ...good.outcomes, late, 'recovered-by-retry': retried } });
  const limits = { ...DEFAULT_LIMITS, moreLate: parseLimit('25%') };
  expect(compare(outcomes(0, 30), outcomes(26, 0), limits).word).toBe('same');
  expect(names(compare(outcomes(0, 0), outcomes(1, 0), limits).worse)).toEqual(['not in time']);
});

test('requests that got no 2xx count, whatever they got instead', () => {
  const answered = (answers: Record<string, number>) =>
    exampleFigures({ traffic: { ...good.traffic, answers } });
  expect(names(compare(good, answered({ 207: 18, 500: 1, ECONNREFUSED: 1 })).worse)).toEqual([
    'requests without a 2xx',
  ]);
  expect(compare(good, answered({ 200: 20 })).word).toBe('same');
});

test('worse in one figure is worse, whatever is better', () => {
  const mixed = compare(blind(40), exampleFigures({ outcomes: { ...good.outcomes, altered: 1 } }));
  expect(mixed.word).toBe('worse');
  expect(comparisonSentence(mixed)).toBe(
    'Worse: altered 0 → 1 (--more-wrong 0). Better in: blind loss 40 → 0 (--more-blind 25%).',
  );
});

test('a verdict that turned to fail is worse by itself', () => {
  const failing = exampleFigures({ verdict: 'fail' });
  expect(comparisonSentence(compare(good, failing))).toBe('Worse: verdict pass → fail.');
  expect(compare(failing, failing).word).toBe('same');
});

test('an endpoint that takes longer to recover is named', () => {
  const probe = (recovery?: number | 'never') =>
    exampleFigures({
      probes: [
        {
          label: 'S3 gone',
          endpoint: 'POST /x',
          answer: '500',
          ...(recovery === undefined ? {} : { recovery }),
        },
      ],
    });
  expect(names(compare(probe(), probe(20_000)).worse)).toEqual(['recovery of POST /x (S3 gone)']);
  expect(names(compare(probe(500), probe('never')).worse)).toEqual(['recovery of POST /x (S3 gone)']);
  expect(compare(probe('never'), probe('never')).word).toBe('same');
});

test('where one verdict is unknown, so is the comparison, whatever the figures', () => {
  const unknown = exampleFigures({ verdict: 'unknown', outcomes: { ...good.outcomes, lost: 5 } });
  for (const [from, to] of [
    [good, unknown],
    [unknown, good],
    [undefined, good],
    [good, undefined],
  ])
    expect(compare(from, to)).toEqual({ word: 'unknown', worse: [], better: [] });
});

test('what has no limit is not judged, better or worse', () => {
  const late = (count: number) => exampleFigures({ outcomes: { ...good.outcomes, late: count } });
  expect(compare(late(0), late(100)).word).toBe('same');
  expect(compare(late(100), late(0)).word).toBe('same');
});

test('limits are read as they are written', () => {
  expect(parseLimit('12')).toEqual({ count: 12 });
  expect(parseLimit('12.5%')).toEqual({ percent: 12.5 });
  expect(parseLimit('any')).toEqual({ any: true });
  for (const text of ['', '-1', '1.5', '%', 'none', '1 %'])
    expect(() => parseLimit(text)).toThrow('is no limit');
  expect(limitOption('moreLost')).toBe('--more-lost');
});
