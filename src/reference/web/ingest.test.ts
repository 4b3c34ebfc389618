import { expect, test } from 'vitest';
import { jobDelay } from './ingest.ts';

test.each([
  ['2026-01-01T12:00:00Z', 15_000, 5000],
  ['2026-01-01T12:00:00Z', 0, 0],
  ['2026-01-01T12:00:00Z', 3000, 3000],
  ['2026-01-01T23:44:59Z', 15_000, 5000],
  ['2026-01-01T23:45:00Z', 15_000, 15_000],
  ['2026-01-01T00:15:59Z', 15_000, 15_000],
  ['2026-01-01T00:16:00Z', 15_000, 5000],
])('jobs of %s with a delay of %i ms wait %i ms', (now, configured, expected) => {
  expect(jobDelay(new Date(now), configured)).toBe(expected);
});
