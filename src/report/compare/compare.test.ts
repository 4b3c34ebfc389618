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
  expect(compare(good, good)).toEqual({ word: 'same', worse: [], better: [], unknown: [] });
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
    expect(compare(from, to)).toMatchObject({ word: 'unknown', worse: [], better: [] });
});

test('what a failed run leaves open makes the comparison unknown, and is said', () => {
  const failed = exampleFigures({ verdict: 'fail', outcomes: { ...good.outcomes, lost: 5 } });
  const doubted = { ...failed, doubts: ['The checkpoint settled could not be read.'] };
  expect(compare(failed, failed).word).toBe('same');
  expect(comparisonSentence(compare(failed, doubted))).toBe(
    'Unknown: The second run is in doubt: The checkpoint settled could not be read.',
  );
  expect(compare(doubted, failed).word).toBe('unknown');
});

test('a figure that only one of the two has makes the comparison unknown', () => {
  const failed = exampleFigures({ verdict: 'fail' });
  const unsettled = { ...failed, checkpoints: failed.checkpoints.slice(0, 1) };
  for (const [from, to] of [
    [failed, unsettled],
    [unsettled, failed],
  ])
    expect(compare(from, to)).toMatchObject({
      word: 'unknown',
      unknown: ['Only one of the two has a figure for: blind loss, missing settled.'],
    });
  const any = { ...DEFAULT_LIMITS, moreBlind: parseLimit('any'), moreMissing: parseLimit('any') };
  expect(compare(failed, unsettled, any).word).toBe('same');
});

test('so does an endpoint that was asked in one of the two only', () => {
  const asked = exampleFigures({ probes: [{ label: 'S3 gone', endpoint: 'POST /x', answer: '500' }] });
  expect(compare(good, asked).unknown).toEqual([
    'Only one of the two has a figure for: recovery of POST /x (S3 gone).',
  ]);
  expect(compare(good, asked, { ...DEFAULT_LIMITS, slowerBy: parseLimit('any') }).word).toBe('same');
});

test('figures of other traffic tell nothing', () => {
  const other = exampleFigures({ traffic: { ...good.traffic, fingerprint: 'g', sent: 19 } });
  expect(comparisonSentence(compare(good, other))).toBe(
    'Unknown: The traffic was not the same: of 20 and 19 requests the bodies differ, so the figures are of other events.',
  );
});

test('nor do those of two runs that are unlike for another reason', () => {
  expect(compareFigures(good, losing(5), DEFAULT_LIMITS, ['Not the same scenario.'])).toEqual({
    word: 'unknown',
    worse: [],
    better: [],
    unknown: ['Not the same scenario.'],
  });
});

test('events that are refused are not put up with because fewer are lost', () => {
  const refusing = exampleFigures({
    acknowledged: 100,
    refused: 900,
    outcomes: { ...good.outcomes, lost: 1, refused: 900 },
  });
  const worse = compare(exampleFigures({ outcomes: { ...good.outcomes, lost: 5 } }), refusing);
  expect(comparisonSentence(worse)).toBe(
    'Worse: refused 0 → 900 (--more-refused 0). Better in: lost 5 → 1 (--more-lost 0).',
  );
  expect(
    compare(good, exampleFigures({ refused: 1 }), { ...DEFAULT_LIMITS, moreRefused: { count: 1 } }).word,
  ).toBe('same');
});

test('events of which nobody knows whether they were taken count as well', () => {
  const open = (indeterminate: number) => exampleFigures({ indeterminate });
  expect(names(compare(open(0), open(1)).worse)).toEqual(['indeterminate']);
  expect(compare(open(8), open(10)).word).toBe('same');
  expect(comparisonSentence(compare(open(11), open(8)))).toBe(
    'Better: indeterminate 11 → 8 (--more-indeterminate 25%).',
  );
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
