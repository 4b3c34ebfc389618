import { expect, test } from 'vitest';
import type { Checkpoint, StoredRow } from '../checker/input.ts';
import type { ProbeRecord } from '../history/run-record.ts';
import { withFates } from './probe-fates.ts';

const row = (kind: string, id: string, more: object = {}) =>
  ({ kind, id, project_id: 'p', is_deleted: 0, ...more }) as unknown as StoredRow;
const checkpoint = (name: Checkpoint['name'], rows: StoredRow[], s3: Checkpoint['s3'] = {}): Checkpoint => ({
  name,
  at: 0,
  rows,
  s3,
  jobs: [],
  failedSet: 0,
});
const probe = (...entities: string[]): ProbeRecord => ({
  label: 'x',
  endpoint: 'POST /',
  at: 0,
  body: '',
  tookMs: 1,
  ...(entities.length > 0 ? { entities } : {}),
});

test('what has a row is in ClickHouse, else S3 may hold it, by itself and in the end', () => {
  const checkpoints = [
    checkpoint('heal', []),
    checkpoint('settled', [row('trace', 'a')], { 'trace/b': ['e'], 'trace/c': [] }),
    checkpoint('after-replay', [row('trace', 'a'), row('trace', 'b')]),
  ];
  const probes = [probe('trace/a'), probe('trace/b'), probe('trace/c'), probe('trace/a', 'trace/c'), probe()];
  expect(withFates(probes, checkpoints, 'p').map(({ persisted }) => persisted)).toEqual([
    { settled: 'ClickHouse', last: 'ClickHouse' },
    { settled: 'S3', last: 'ClickHouse' },
    { settled: 'nothing', last: 'nothing' },
    { settled: 'partly', last: 'partly' },
    undefined,
  ]);
});

test('a hidden row, one of another kind and one of another project are none', () => {
  const rows = [
    row('trace', 'a', { is_deleted: 1 }),
    row('score', 'a'),
    row('trace', 'a', { project_id: 'other' }),
  ];
  const [found] = withFates([probe('trace/a')], [checkpoint('settled', rows)], 'p');
  expect(found?.persisted).toEqual({ settled: 'nothing', last: 'nothing' });
});

test('of a run that never settled nothing is said', () => {
  expect(withFates([probe('trace/a')], [checkpoint('heal', [])], 'p')).toEqual([probe('trace/a')]);
});
