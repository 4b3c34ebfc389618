import type { CheckpointName, FaultRecord, GuideRecord, ProbeRecord } from '../history/run-record.ts';
import type { EntityKey, IngestionEvent } from '../langfuse/events.ts';
import type { JobState } from '../langfuse/queued-jobs.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import type { Expectation, RecoveryStep } from '../scenario/scenario.ts';

/** How an event was answered, and so what must be true of it. */
export type Answer = 'acknowledged' | 'refused' | 'indeterminate';

/** One event as the history tells it, once for each request that carried it. */
export interface SentEvent {
  readonly event: IngestionEvent;
  readonly request: number;
  /** Position in its request. */
  readonly index: number;
  readonly answer: Answer;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  readonly answeredAt?: number;
  /**
   * `POST /api/public/scores` takes a score without an envelope: Langfuse gives it an id and a time of its own, which
   * nobody is told. `event.id` is then the score's id and `event.timestamp` when it was sent.
   */
  readonly envelopeByTarget?: true;
}

export type { StoredRow } from '../langfuse/stored-row.ts';

/** One read of everything that may hold a copy of an event. */
export interface Checkpoint {
  readonly name: CheckpointName;
  /** When the read began. */
  readonly at: number;
  /** Rows of every project that the harness may read, and those with `is_deleted = 1`, so that what is hidden can be told from what is absent. */
  readonly rows: Iterable<StoredRow>;
  /** Jobs in Redis: the entity each is for, and its state. */
  readonly jobs: readonly { readonly entity: EntityKey; readonly state: JobState }[];
  /** Length of the failed set. */
  readonly failedSet: number;
  /** Envelope ids of the events that S3 holds, for each entity that is missing or incomplete in ClickHouse; no entry means none. */
  readonly s3: Readonly<Record<EntityKey, readonly string[]>>;
  /** Marks of those events, which tell events apart that were sent under one id; absent where nobody looked. */
  readonly s3Marks?: Readonly<Record<EntityKey, readonly number[]>>;
}

/** What the checker is told beside history and checkpoints. */
export interface JudgeContext {
  readonly run: string;
  readonly scenario: string;
  readonly seed: string;
  readonly projectId: string;
  /** An acknowledged event first seen later than this after its answer is late. Milliseconds. */
  readonly visibilityBudgetMs: number;
  /** When the traffic began, ms since the epoch: what the harness sent before that, to see that the target works, is never late. */
  readonly trafficStartedAt?: number | undefined;
  /** When each event was first seen in ClickHouse, by the number of its mark, at any time of the run; ms since the epoch. */
  readonly firstSeen: Pick<ReadonlyMap<number, number>, 'get'>;
  readonly faults: readonly FaultRecord[];
  readonly probes: readonly ProbeRecord[];
  /** What the common guide's steps really did, where the scenario carried any out. */
  readonly runbook?: readonly GuideRecord[];
  /** Whether the timeline had recovery steps: what came after one did not come by itself for certain. */
  readonly recoveredInTraffic?: boolean;
  readonly expectations: readonly Expectation[];
  /** The recovery steps of the scenario: each must have its checkpoint. */
  readonly recovery: readonly RecoveryStep[];
  /** Why the run is unknown whatever was found, in words: not settled in time, history torn, a source that could not be read. */
  readonly doubts: readonly { readonly code: string; readonly text: string }[];
}
