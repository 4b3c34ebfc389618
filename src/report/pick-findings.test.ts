import { expect, test } from 'vitest';
import type { Finding } from '../checker/verdict.ts';
import { fairOrder, lastStage } from './pick-findings.ts';

function finding(id: number, outcome: Finding['outcome'], stages: Finding['stages'] = {}): Finding {
  return { outcome, entity: `trace/${id}`, stages };
}

test('the first findings are one of every kind, the worst first', () => {
  const many = Array.from({ length: 1000 }, (_, id) =>
    finding(id, 'recovered-by-replay', { settled: 's3-only' }),
  );
  const lost = [finding(2001, 'lost', { settled: 'queued' }), finding(2002, 'lost', { settled: 'queued' })];
  const ordered = fairOrder([
    ...many,
    finding(3000, 'unexpected'),
    ...lost,
    finding(4000, 'lost', { settled: 's3-only' }),
  ]);
  expect(ordered.slice(0, 6).map(({ entity }) => entity)).toEqual([
    'trace/2001',
    'trace/4000',
    'trace/3000',
    'trace/0',
    'trace/2002',
    'trace/1',
  ]);
  expect(ordered).toHaveLength(1004);
  expect(new Set(ordered).size).toBe(1004);
});

test('the last stage is that of the last checkpoint, whatever the order of the keys', () => {
  expect(lastStage(finding(1, 'lost', { 'after-retry': 's3-only', heal: 'queued' }))).toBe('s3-only');
  expect(lastStage(finding(1, 'altered'))).toBeUndefined();
});
