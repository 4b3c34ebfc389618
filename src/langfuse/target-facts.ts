import type { IngestionQueueName, Profile, WriteMode } from './profile.ts';

/** One queue as Redis has it. */
export interface FoundQueue {
  /** Its name, shard included, for example `ingestion-queue-1`. */
  readonly name: string;
  /** The queue that it is a shard of. */
  readonly of: IngestionQueueName;
  /** What stands before the name in its keys: `bull`, REDIS_KEY_PREFIX, or `{ingestion-queue-1}` in a cluster. */
  readonly prefix: string;
}

/** A queue, how much waits in it and who works it off. */
export interface QueueFacts extends FoundQueue {
  /** Jobs that wait to be worked off, delayed ones included, failed ones not. */
  readonly jobs: number;
  /** Jobs that gave up. */
  readonly failed: number;
  /** BullMQ workers that are connected for it; undefined where Redis does not tell who is connected. */
  readonly workers: number | undefined;
}

/** What was found on a running target; nothing of it is assumed. */
export interface TargetFacts {
  /** As the web says it on `GET /api/public/health`, for example `3.36.0`. */
  readonly version: string;
  /** Whether the profile was written for this version; otherwise the newest stands in. */
  readonly known: boolean;
  readonly profile: Profile;
  /** How traces and observations are stored; undefined where the version has a choice and the target did not show which. */
  readonly writeMode: WriteMode | undefined;
  /** How the write mode was found, in words. */
  readonly writeModeBy: string;
  /** Queues of the ingestion that have keys in Redis at this moment; a shard has none before its first job. */
  readonly queues: readonly QueueFacts[];
  /** Names of the tables and views in Langfuse's database of ClickHouse. */
  readonly tables: readonly string[];
  /** For example `25.12.1.100`. */
  readonly clickhouseVersion: string;
}
