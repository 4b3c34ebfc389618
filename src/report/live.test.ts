import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Clock } from '../base/clock.ts';
import type { FaultRecord, Sample } from '../history/run-record.ts';
import { createLiveView, type LiveView } from './live.ts';

let time = 0;
let written: string[] = [];
const clock: Clock = { now: () => time, sleep: () => Promise.resolve() };

function view(isTTY: boolean, env: Record<string, string> = {}): LiveView {
  const output = { write: (text: string) => written.push(text), isTTY, columns: 90, rows: 24 };
  return createLiveView({ output, clock, title: 'clickhouse-blip · seed 42', color: false }, env);
}

function sample(second: number): Sample {
  return {
    at: second * 1000,
    sent: second * 50,
    acknowledged: second * 50,
    landed: second * 40,
    ...(second % 20 === 19 ? {} : { queue: { waiting: 1, active: 2, delayed: 3, failed: 1234 } }),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  time = 1_000_000;
  written = [];
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([true, false])(
  'what the user has to act on is shown whole, with its lines (terminal: %s)',
  (isTTY) => {
    const live = view(isTTY);
    const long = `next: ${'run this '.repeat(20)}`;
    live.warn(`It is not as it was.\n${long}\u001b[2J`);
    live.done();
    const shown = stripVTControlCharacters(written.join(''));
    expect(shown).toMatch(/It is not as it was\.\n/);
    // A terminal breaks what is too long for it.
    expect(shown.replaceAll(/\s/g, '')).toContain(`${long}\\u{1b}[2J`.replaceAll(/\s/g, ''));
  },
);

test('plain: a line per change, figures every ten seconds and at the end of a phase, no escape sequences', () => {
  const live = view(false);
  const fault: FaultRecord = { fault: 'refused', on: 'worker→clickhouse', injectedAt: 12_000 };
  live.phase('traffic and faults');
  for (let second = 1; second <= 19; second += 1) {
    time += 1000;
    live.sample(sample(second));
    if (second === 12) live.fault(fault);
  }
  fault.feltAt = 12_400;
  live.fault(fault);
  live.note('two lines\nare \u001b[2Jone');
  live.phase('heal');
  live.done();
  live.note('after the end');
  expect(written.join('')).toBe(
    [
      '  0:00.0  clickhouse-blip · seed 42',
      '  0:00.0  traffic and faults …',
      '  0:01.0  sent 50, acknowledged 50, seen in ClickHouse 40; queue: 1 waiting, 2 active, 3 delayed, 1,234 failed',
      '  0:11.0  sent 550, acknowledged 550, seen in ClickHouse 440; queue: 1 waiting, 2 active, 3 delayed, 1,234 failed',
      '  0:12.0  fault refused on worker→clickhouse: injected',
      '  0:19.0  fault refused on worker→clickhouse: felt after 0.4 s',
      '  0:19.0  two lines\\nare \\u{1b}[2Jone',
      '  0:19.0  sent 950, acknowledged 950, seen in ClickHouse 760; queue: no answer',
      '  0:19.0  heal …',
      '',
    ].join('\n'),
  );
});

test.each([
  [false, {}],
  [true, { CI: 'true' }],
  [true, { TERM: 'dumb' }],
])('plain where nobody sees lines change: terminal %s, %o', (isTTY, env) => {
  const live = view(isTTY, env);
  live.phase('settle');
  live.done();
  expect(written.join('')).not.toContain('\u001b');
});

test('terminal: phase, fault, rates and queue in one block, which is gone at the end', () => {
  const live = view(true);
  live.phase('traffic and faults');
  live.sample(sample(1));
  time += 1000;
  live.fault({ fault: 'refused', on: 'worker→clickhouse', injectedAt: 500, feltAt: 900 });
  written = [];
  live.sample(sample(2));
  time += 1000;
  live.sample(sample(3));
  const seen = stripVTControlCharacters(written.join(''));
  for (const part of [
    'traffic and faults 0:02',
    'sent 150 (50/s) · acknowledged 150 (50/s) · seen 120 (40/s)',
  ]) {
    expect(seen).toContain(part);
  }
  written = [];
  live.note('worth keeping');
  const block = stripVTControlCharacters(written.join('')).split('\n');
  expect(block.map((line) => line.trim())).toEqual([
    'worth keeping',
    expect.stringMatching(/^● traffic and faults 0:02 {10,}clickhouse-blip · seed 42$/),
    'fault   refused on worker→clickhouse: felt after 0.4 s',
    'events  sent 150 (50/s) · acknowledged 150 (50/s) · seen 120 (40/s)',
    'queue   waiting 1 · active 2 · delayed 3 · failed 1,234',
    '',
  ]);
  written = [];
  live.done();
  expect(stripVTControlCharacters(written.join('')).trim()).toBe('· traffic and faults 2.0 s');
  written = [];
  live.sample(sample(9));
  live.done();
  vi.advanceTimersByTime(10_000);
  expect(written).toEqual([]);
});

test('terminal: a flood of samples is drawn ten times a second at most, and a silent phase every second', () => {
  const live = view(true);
  live.phase('settle');
  written = [];
  for (let i = 1; i <= 1000; i += 1) {
    time += 1;
    live.sample(sample(i));
  }
  expect(written.length).toBeLessThanOrEqual(10);
  written = [];
  for (let second = 0; second < 5; second += 1) {
    time += 1000;
    vi.advanceTimersByTime(1000);
  }
  expect(written).toHaveLength(5);
  live.done();
});

test('terminal: one that says it has no columns is taken for 80 wide, not one character', () => {
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text), isTTY: true, columns: 0, rows: 0 };
  const live = createLiveView({ output, clock, title: 'clickhouse-blip', color: false }, {});
  live.phase('settle');
  live.note('a line that is kept whole');
  live.done();
  const seen = stripVTControlCharacters(lines.join(''));
  expect(seen).toContain('a line that is kept whole\n');
  expect(seen).toMatch(/● settle 0:00 {20,}clickhouse-blip\n/);
});

test('terminal: no line is wider than the terminal, and the cursor is never hidden', () => {
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text), isTTY: true, columns: 30, rows: 10 };
  const live = createLiveView({ output, clock, title: '漢字'.repeat(50), color: true }, {});
  live.phase('retry failed jobs');
  time += 1000;
  live.sample(sample(5));
  live.note('x'.repeat(500));
  live.done();
  for (const line of stripVTControlCharacters(lines.join('')).split('\n'))
    expect(line.length).toBeLessThan(30);
  expect(lines.join('')).not.toContain('\u001b[?25l');
});
