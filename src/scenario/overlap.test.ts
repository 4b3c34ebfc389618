import { expect, test } from 'vitest';
import { overlap } from './overlap.ts';
import type { FaultSpec } from './scenario.ts';

/** Whether the two overlap when the second begins in the middle of the first. */
const together = (first: FaultSpec, second: FaultSpec) =>
  overlap([
    { at: 2, for: 2, faults: [second] },
    { at: 1, for: 2, faults: [first] },
  ]);

const latency = { name: 'latency', on: 'worker->clickhouse' };

test('the same link, the same process, and web or worker beside the whole application', () => {
  expect(together(latency, { name: 'refused', on: 'worker→clickhouse' })).toBe('worker→clickhouse');
  expect(together({ name: 'killed', on: 'web' }, { name: 'paused', on: 'web' })).toBe('web');
  expect(together({ name: 'clock-skew', on: 'worker' }, { name: 'rolling-restart', on: 'application' })).toBe(
    'worker',
  );
  const without = { name: 'started-without', on: 'worker', without: 'clickhouse' };
  expect(together(without, latency)).toBe('worker→clickhouse');
  expect(together(without, { name: 'killed', on: 'worker' })).toBe('worker');
  const started = { name: 'dns-started-without-name', on: 'worker->s3' };
  expect(together(started, { name: 'paused', on: 'worker' })).toBe('worker');
  expect(together(started, { name: 'refused', on: 'worker→s3' })).toBe('worker→s3');
});

test('a restart of what holds the faults of links', () => {
  for (const on of ['toxiproxy', 'dns', 'http-proxy']) {
    const place = `${on} and worker→clickhouse`;
    expect(together({ name: 'restarted', on }, latency)).toBe(place);
    expect(together(latency, { name: 'restarted', on })).toBe(place);
  }
});

test("a process's link to its resolver, and any other of its links: all its connections are closed, and names are not found", () => {
  const away = { name: 'resolver-away', on: 'worker->dns' };
  const refused = { name: 'refused', on: 'worker→clickhouse' };
  expect(together(refused, away)).toBe('worker→dns and worker→clickhouse');
  expect(together(away, refused)).toBe('worker→dns and worker→clickhouse');
  expect(together(away, { name: 'started-without', on: 'worker', without: 'redis' })).toBe(
    'worker→dns and worker→redis',
  );
  expect(together({ name: 'refused', on: 'worker→dns' }, { name: 'dns-servfail', on: 'worker→s3' })).toBe(
    'worker→dns and worker→s3',
  );
  expect(together(away, { name: 'refused', on: 'web→clickhouse' })).toBeUndefined();
  expect(together(away, { name: 'resolver-away', on: 'web→dns' })).toBeUndefined();
  expect(together(away, { name: 'killed', on: 'clickhouse' })).toBeUndefined();
});

test('a component, and a link that leads to it: the one would be felt by what the other does', () => {
  const on = 'clickhouse';
  const refuses = { name: 'clickhouse-too-many-parts', on };
  const link = 'worker→clickhouse';
  expect(together(refuses, { name: 'clickhouse-error', on: link })).toBe(`${on} and ${link}`);
  expect(together({ name: 'answer-lost', on: link }, { name: 'killed', on })).toBe(`${on} and ${link}`);
  expect(together({ name: 'started-without', on: 'web', without: on }, refuses)).toBe(`${on} and web→${on}`);
});

test('one whose recovery starts the web', () => {
  const wiped = { name: 'clickhouse-wiped', on: 'clickhouse' };
  expect(together(wiped, { name: 'killed', on: 'web' })).toBe('web');
  expect(together(wiped, { name: 'killed', on: 'worker' })).toBeUndefined();
});

test('different places, and one after the other', () => {
  expect(together(latency, { name: 'latency', on: 'web→clickhouse' })).toBeUndefined();
  expect(together(latency, { name: 'killed', on: 'worker' })).toBeUndefined();
  expect(together(latency, { name: 'killed', on: 'redis' })).toBeUndefined();
  expect(together({ name: 'killed', on: 'clickhouse' }, { name: 'killed', on: 'redis' })).toBeUndefined();
  expect(together({ name: 'restarted', on: 'dns' }, { name: 'killed', on: 'redis' })).toBeUndefined();
  expect(
    overlap([
      { at: 1, for: 2, faults: [latency] },
      { at: 3, for: 2, faults: [latency] },
    ]),
  ).toBeUndefined();
  // A long one reaches over a short one between.
  expect(
    overlap([
      { at: 1, for: 10, faults: [latency] },
      { at: 2, for: 1, faults: [{ name: 'killed', on: 'redis' }] },
      { at: 5, for: 1, faults: [latency] },
    ]),
  ).toBe('worker→clickhouse');
});

test('faults that follow each other in one step do not overlap among themselves, but with those of others', () => {
  const inTurn = { at: 1, for: Number.POSITIVE_INFINITY, faults: [latency, latency] };
  expect(overlap([inTurn])).toBeUndefined();
  expect(overlap([inTurn, { at: 9, for: 1, faults: [{ name: 'killed', on: 'redis' }] }])).toBeUndefined();
  expect(overlap([inTurn, { at: 9, for: 1, faults: [latency] }])).toBe('worker→clickhouse');
});
