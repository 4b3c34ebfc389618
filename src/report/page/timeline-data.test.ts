import { expect, test } from 'vitest';
import type { Sample } from '../../history/run-record.ts';
import { exampleRun } from '../example-data.ts';
import { timeAxis, timelinePoints } from './timeline-data.ts';

function sample(second: number, sent: number, failed?: number): Sample {
  const queue = failed === undefined ? {} : { queue: { waiting: 0, active: 0, delayed: 0, failed } };
  return { at: second * 1000, sent, acknowledged: sent, landed: sent, ...queue };
}

test('rates are the differences of the counts, by the time between', () => {
  const points = timelinePoints([sample(0, 0), sample(1, 50), sample(3, 150)], 100);
  expect(points.map((point) => point.rates?.sent)).toEqual([undefined, 50, 50]);
});

test('counts that fall, as after a restarted read, give no negative rate; equal times none that is infinite', () => {
  const points = timelinePoints([sample(0, 100), sample(1, 40), sample(1, 60)], 100);
  expect(points.map((point) => point.rates?.sent)).toEqual([undefined, 0, 0]);
});

test('samples that come out of order are put in order: no line of a chart runs back', () => {
  expect(timelinePoints([sample(0, 0), sample(2, 90), sample(1, 50)], 100).map(({ at }) => at)).toEqual([
    0, 1000, 2000,
  ]);
});

test('a long run is thinned out: the area of the rates stays, and so does the peak of a queue', () => {
  const samples = Array.from({ length: 10_001 }, (_, second) =>
    sample(second, second * 7, second === 5003 ? 999 : 1),
  );
  const points = timelinePoints(samples, 100);
  expect(points.length).toBeLessThanOrEqual(100);
  expect(Math.max(...points.map((point) => point.queue?.failed ?? 0))).toBe(999);
  let before = samples[0]?.at ?? 0;
  let area = 0;
  for (const point of points) {
    area += ((point.rates?.sent ?? 0) * (point.at - before)) / 1000;
    before = point.at;
  }
  expect(area).toBeCloseTo(70_000, 0);
});

test('where Redis could not be asked there is a gap, not a zero', () => {
  expect(
    timelinePoints([sample(0, 0, 1), sample(1, 1), sample(2, 2, 3)], 9).map((point) => point.queue?.failed),
  ).toEqual([1, undefined, 3]);
});

test('the axis begins with the first sample, its zero is the start of the traffic, its end the last that happened', () => {
  const judged = exampleRun('pass');
  const axis = timeAxis(judged);
  expect(axis.zero).toBe(judged.run.traffic?.startedAt);
  expect(axis.from).toBe(judged.run.samples[0]?.at);
  expect(axis.to).toBe(judged.run.endedAt);
});
