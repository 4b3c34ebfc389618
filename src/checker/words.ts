import { type CheckpointSummary, STAGES, type Stage } from './verdict.ts';

/** A number with thousands set apart, and its noun. */
export function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** `12 events`, `1 acknowledged event`. */
export function events(n: number, adjective = ''): string {
  const before = adjective === '' ? '' : `${adjective} `;
  return count(n, `${before}event`, `${before}events`);
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  'not-in-s3': 'nowhere, not even in S3',
  's3-only': 'in S3 only',
  queued: 'waiting in Redis',
  'failed-set': 'in the failed set',
  'clickhouse-hidden': 'hidden in ClickHouse',
};

/** Where missing events are: `11 in S3 only and 1 in the failed set`. */
export function whereMissing({ missing }: CheckpointSummary): string {
  const stages = STAGES.filter((stage) => missing[stage] > 0);
  return list(stages.map((stage) => `${missing[stage].toLocaleString('en')} ${STAGE_WORDS[stage]}`));
}
