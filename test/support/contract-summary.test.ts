import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TestModule, Vitest } from 'vitest/node';
import Summary from '../contract/support/summary.ts';

/** A file with two statements: one that holds, and one that was skipped. */
const moduleWith = (note?: string) =>
  ({
    children: {
      allTests: () => [
        { fullName: 'held', result: () => ({ state: 'passed' }) },
        { fullName: 'skipped', result: () => ({ state: 'skipped', note }) },
      ],
    },
  }) as unknown as TestModule;

const before = process.exitCode;
beforeEach(() => void vi.spyOn(console, 'info').mockReturnValue());
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = before;
});

test.each([
  ['of which nobody says why', undefined, undefined, 1],
  ['that is about another version', 'not for v4.16.0: since v5', undefined, before],
  ['that a name on the command line leaves out', undefined, /held/, before],
])('a statement that was not tested, %s', (_what, note, testNamePattern, exitCode) => {
  const summary = new Summary();
  summary.onInit({ config: { testNamePattern } } as Vitest);
  summary.onTestRunEnd([moduleWith(note)]);
  const seen = process.exitCode;
  process.exitCode = before;
  expect(seen).toBe(exitCode);
});
