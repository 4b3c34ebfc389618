import type { Outcome, Stage, Verdict } from '../checker/verdict.ts';
import type { CheckpointName } from '../history/run-record.ts';

/** The word of a verdict and a sign beside it, so that it never rests on colour alone. */
export const VERDICT_WORDS: Readonly<
  Record<Verdict['verdict'], { readonly word: string; readonly sign: string }>
> = {
  pass: { word: 'PASS', sign: '✓' },
  fail: { word: 'FAIL', sign: '✗' },
  unknown: { word: 'UNKNOWN', sign: '?' },
};

/** How a reader meets an outcome, and what it means. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, { readonly label: string; readonly meaning: string }>> =
  {
    ok: { label: 'ok', meaning: 'acknowledged and landed by itself' },
    late: { label: 'late', meaning: 'acknowledged and landed by itself, after the visibility budget' },
    'recovered-by-retry': {
      label: 'recovered by retry',
      meaning: 'landed only after the failed jobs were retried',
    },
    'recovered-by-replay': { label: 'recovered by replay', meaning: 'landed only after the S3 replay' },
    lost: { label: 'lost', meaning: 'acknowledged, absent at the last checkpoint' },
    vanished: { label: 'vanished', meaning: 'seen at one checkpoint, gone at a later one' },
    altered: {
      label: 'altered',
      meaning: 'landed with other content than the merge of its entity’s events allows',
    },
    duplicated: { label: 'duplicated', meaning: 'more than one live row for one entity' },
    leaked: { label: 'leaked', meaning: 'refused, yet landed' },
    unexpected: { label: 'unexpected', meaning: 'landed, never sent by this run' },
    refused: { label: 'refused', meaning: 'answered with a 4xx, and not stored' },
    'indeterminate-landed': {
      label: 'indeterminate, landed',
      meaning: 'no clear answer (5xx, time-out, broken connection); it landed, which is right',
    },
    'indeterminate-not-landed': {
      label: 'indeterminate, not landed',
      meaning: 'no clear answer (5xx, time-out, broken connection); it did not land, which is right too',
    },
    'absent-by-design': {
      label: 'absent by design',
      meaning: 'acknowledged, never meant to be stored (no body id, sampled out, sdk-log)',
    },
  };

/** How a reader meets a stage, and what it means. */
export const STAGE_WORDS: Readonly<Record<Stage, { readonly label: string; readonly meaning: string }>> = {
  'not-in-s3': { label: 'not in S3', meaning: 'no stage holds a copy any more' },
  's3-only': { label: 'in S3 only', meaning: 'the raw event is in S3 and nowhere else; no queue shows it' },
  queued: { label: 'queued', meaning: 'a job for it is waiting, delayed or active in Redis' },
  'failed-set': { label: 'failed set', meaning: 'its job used up its attempts and lies in the failed set' },
  'clickhouse-hidden': { label: 'hidden', meaning: 'in ClickHouse, but marked as deleted' },
};

/** How a reader meets a checkpoint. */
export const CHECKPOINT_WORDS: Readonly<Record<CheckpointName, string>> = {
  heal: 'at heal',
  settled: 'settled',
  'after-retry': 'after retry',
  'after-replay': 'after replay',
};
