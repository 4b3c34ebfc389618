import { expect, test } from 'vitest';
import type { AlarmResult } from '../run/alarms.ts';
import { exitCodeOfAlarms } from './alarms.ts';

const results = (counts: Partial<Record<AlarmResult['verdict'], number>>): AlarmResult[] =>
  (['pass', 'unknown', 'fail'] as const).flatMap((verdict) =>
    Array.from({ length: counts[verdict] ?? 0 }, (_, seed) => ({
      ...{ kind: 'nemesis' as const, seed: String(seed) },
      ...{ verdict, causes: [] },
    })),
  );

test('a run that failed is an alarm; too many that are unknown, or none that passed, prove nothing', () => {
  expect(exitCodeOfAlarms(results({ pass: 200 }))).toBe(0);
  expect(exitCodeOfAlarms(results({ pass: 180, unknown: 20 }))).toBe(0);
  expect(exitCodeOfAlarms(results({ pass: 179, unknown: 21 }))).toBe(2);
  expect(exitCodeOfAlarms(results({ pass: 1, unknown: 199 }))).toBe(2);
  expect(exitCodeOfAlarms(results({ unknown: 1 }))).toBe(2);
  expect(exitCodeOfAlarms([])).toBe(2);
  expect(exitCodeOfAlarms(results({ pass: 100, unknown: 99, fail: 1 }))).toBe(1);
});

test('a defect of the harness ranks above what is unknown, and below a failure', () => {
  const defect: AlarmResult = { kind: 'nemesis', seed: '1', verdict: 'unknown', causes: [], defect: 'x' };
  expect(exitCodeOfAlarms([...results({ pass: 200 }), defect])).toBe(5);
  expect(exitCodeOfAlarms([...results({ unknown: 200 }), defect])).toBe(5);
  expect(exitCodeOfAlarms([...results({ fail: 1 }), defect])).toBe(1);
});
