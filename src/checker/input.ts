import type { CheckpointName, FaultRecord, ProbeRecord } from '../history/run-record.ts';
import type { EntityKey, EntityKind, IngestionEvent } from '../langfuse/events.ts';
import type { Expectation } from '../scenario/scenario.ts';

/** How an event was answered, and so what must be true of it. */
export type Answer = 'acknowledged' | 'refused' | 'indeterminate';

/** One event as the history tells it. */
export interface SentEvent {
  readonly event: IngestionEvent;
  readonly request: number;
  /** Position in its request. */
  readonly index: number;
  readonly answer: Answer;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  readonly answeredAt?: number;
}

/**
 * One live row as ClickHouse returns it with `FINAL`: `JSONEachRow`, 64-bit integers and decimals as text,
 * times as text `YYYY-MM-DD hh:mm:ss.mmm` in UTC. Rows of every project that the harness may read are included, and those
 * with `is_deleted = 1`, so that what is hidden can be told from what is absent.
 */
export interface StoredRow {
  readonly kind: EntityKind;
  readonly project_id: string;
  readonly id: string;
  readonly event_ts: string;
  readonly is_deleted: number;
  readonly [column: string]: unknown;
}

/** Where a job of the ingestion queue stands. */
export type JobState = 'waiting' | 'active' | 'delayed' | 'failed';

/** One read of everything that may hold a copy of an event. */
export interface Checkpoint {
  readonly name: CheckpointName;
  /** When the read began. */
  readonly at: number;
  readonly rows: Iterable<StoredRow>;
  /** Jobs in Redis: the entity each is for, and its state. */
  readonly jobs: readonly { readonly entity: EntityKey; readonly state: JobState }[];
  /** Length of the failed set. */
  readonly failedSet: number;
  /** Envelope ids of the events that S3 holds, for each entity that is missing or incomplete in ClickHouse. */
  readonly s3: Readonly<Record<EntityKey, readonly string[]>>;
}

/** What the checker is told beside history and checkpoints. */
export interface JudgeContext {
  readonly run: string;
  readonly scenario: string;
  readonly seed: string;
  readonly projectId: string;
  /** An acknowledged event first seen later than this after its answer is late. Milliseconds. */
  readonly visibilityBudgetMs: number;
  /** When each event was first seen in ClickHouse, by the number of its mark; for those that were seen before the first checkpoint. */
  readonly firstSeen: ReadonlyMap<number, number>;
  readonly faults: readonly FaultRecord[];
  readonly probes: readonly ProbeRecord[];
  readonly expectations: readonly Expectation[];
  /** Why the run is unknown whatever was found, in words: not settled in time, history torn, a source that could not be read. */
  readonly doubts: readonly { readonly code: string; readonly text: string }[];
}
