/** One way in which an acknowledged event fails to arrive, or arrives wrong; at Langfuse v3.36.0 unless it names another version. */
export interface Way {
  /** What goes wrong. */
  readonly what: string;
  /** Where a copy survives. */
  readonly copyIn: string;
  /** What brings it back. */
  readonly remedy: string;
}

const REPLAY = 'replay from S3';

/**
 * Every known way, read from Langfuse's code at v3.36.0 (D23: v4.16.0) and tried on the libraries that it uses. A scenario names
 * those that it makes happen; the README of `scenarios/` shows which one does what.
 */
export const WAYS = {
  D1: {
    what: 'ClickHouse is away at the read before the write, for longer than a job’s five attempts last',
    copyIn: 'failed set and S3',
    remedy: 'retry of the failed jobs, once ClickHouse is back',
  },
  D2: {
    what: 'ClickHouse goes away between the read and the flush: the writer drops the row after three attempts, and its job is complete',
    copyIn: 'S3',
    remedy: REPLAY,
  },
  D3: {
    what: 'The read before the write is skipped by a setting, so that no job fails while ClickHouse is away',
    copyIn: 'S3',
    remedy: REPLAY,
  },
  D4: {
    what: 'The worker is killed with rows in its memory',
    copyIn: 'S3',
    remedy: REPLAY,
  },
  D5: {
    what: 'The worker is told to stop while ClickHouse is away: its one last flush fails',
    copyIn: 'S3',
    remedy: REPLAY,
  },
  D6: {
    what: 'A job stalls twice: the worker is killed twice while it is active, and it fails whatever attempts are left',
    copyIn: 'failed set and S3',
    remedy: 'retry of the failed jobs',
  },
  D7: {
    what: 'Redis is emptied: every waiting, delayed and failed job is gone',
    copyIn: 'S3',
    remedy: REPLAY,
  },
  D8: {
    what: 'Redis without an append-only file is killed: every job since the last snapshot is gone',
    copyIn: 'S3',
    remedy: REPLAY,
  },
  D9: {
    what: 'Redis with an append-only file is killed: nothing is lost unless the machine loses power, or its disk is so busy that a write to the file waits for the last fsync (up to 2 s)',
    copyIn: 'Redis and S3',
    remedy: 'none needed',
  },
  D10: {
    what: 'Redis is full and evicts: jobs vanish without a word',
    copyIn: 'S3',
    remedy: REPLAY,
  },
  D11: {
    what: 'The failed set is full (100,000 jobs): older failed jobs are deleted as newer ones fail',
    copyIn: 'S3',
    remedy: REPLAY,
  },
  D12: {
    what: 'The cache of seen events is on: a job that fails once counts as done at its second attempt',
    copyIn: 'S3',
    remedy: 'replay from S3 without a file key, or after 300 s',
  },
  D13: {
    what: 'A row that ClickHouse can’t read fails every row of its insert, and all are dropped',
    copyIn: 'S3',
    remedy: 'replay from S3; the poisonous row itself never lands',
  },
  D14: {
    what: 'An entity that no job can process: a wrong score config, a corrupt object',
    copyIn: 'failed set and S3',
    remedy: 'mend the cause, then retry',
  },
  D15: {
    what: 'An entity has more objects than the worker lists (1,000): the later ones are never read',
    copyIn: 'S3',
    remedy: 'none',
  },
  D16: {
    what: 'A slow job that listed S3 before an update was there writes its stale row over the newer one',
    copyIn: 'S3',
    remedy: 'process the entity once more: a replay',
  },
  D17: {
    what: 'The object is gone from S3 when its job runs: the job completes without a row',
    copyIn: 'nowhere',
    remedy: 'none',
  },
  D18: {
    what: 'A trace or score without a body id is acknowledged and stored nowhere',
    copyIn: 'nowhere',
    remedy: 'none',
  },
  D19: {
    what: 'An event id is used again for other events: the object of the first is overwritten',
    copyIn: 'partly nowhere',
    remedy: 'none',
  },
  D20: {
    what: 'A body id with a “/” in it: events of one entity are merged into another',
    copyIn: 'S3',
    remedy: 'none',
  },
  D21: {
    what: 'ClickHouse takes a time that is not the one that was meant',
    copyIn: 'S3',
    remedy: 'mend the setting of ClickHouse, then replay',
  },
  D22: {
    what: 'Falsy inputs and outputs, explicit nulls and flags set earlier are lost in the merge',
    copyIn: 'S3',
    remedy: 'none',
  },
  D23: {
    what: 'v4 in `events_only`: the worker can’t reach Postgres for a span’s model or prompt, logs that, leaves the span out, and its job is complete',
    copyIn: 'S3',
    remedy: REPLAY,
  },
} as const satisfies Readonly<Record<string, Way>>;

/** Number of a way: `D1` to `D23`. */
export type WayNumber = keyof typeof WAYS;

/** All of them, in their order. */
export const WAY_NUMBERS = Object.keys(WAYS) as readonly WayNumber[];
