import { expect, test } from 'vitest';
import { type LaneItem, lanes } from './lanes.ts';

const AXIS = { zero: 0, from: 0, to: 100_000 };

function mark(label: string, second: number): LaneItem {
  return { label, title: label, at: second * 1000, bars: [] };
}

/** Each label with the row it stands in and the side of its mark. */
function labels(html: string): { label: string; row: number; side: 'left' | 'right' }[] {
  return [...html.matchAll(/class="label" x="[\d.]+%" y="(\d+)"><text [^>]*?( class="end")?>([^<]+)</g)].map(
    ([, y, end, label]) => ({ label: label ?? '', row: Number(y) / 22, side: end ? 'left' : 'right' }),
  );
}

test('labels that would cover each other get rows of their own, others share one', () => {
  const html = lanes(
    'Checkpoints',
    [mark('at heal', 10), mark('settled', 12), mark('after retry', 60)],
    AXIS,
    'beside',
  ).text;
  expect(labels(html)).toEqual([
    { label: 'at heal', row: 0, side: 'right' },
    { label: 'after retry', row: 0, side: 'right' },
    { label: 'settled', row: 1, side: 'right' },
  ]);
});

test('a label at the right edge stands left of its mark', () => {
  expect(labels(lanes('Checkpoints', [mark('after replay', 99)], AXIS, 'beside').text)).toEqual([
    { label: 'after replay', row: 0, side: 'left' },
  ]);
});

test('more than six rows are not drawn but counted', () => {
  const html = lanes(
    'Faults',
    Array.from({ length: 9 }, (_, index) => mark(`fault ${index}`, 50)),
    AXIS,
    'beside',
  ).text;
  expect(labels(html)).toHaveLength(6);
  expect(html).toContain('+3, see the table');
});

test('bars stay inside the plot and keep their proportion', () => {
  const item: LaneItem = {
    label: 'x',
    title: 'x',
    at: -5000,
    bars: [{ from: -5000, to: 25_000, look: 'felt' }],
  };
  expect(lanes('Faults', [item], AXIS, 'beside').text).toContain('class="bar felt" x="0.00%" width="25.00%"');
});
