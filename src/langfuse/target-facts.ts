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

/** What was found on a running target; nothing of it is assumed. */
export interface TargetFacts {
  /** As the web says it on `GET /api/public/health`, for example `3.36.0`. */
  readonly version: string;
  /** Whether the profile was written for this version; otherwise the newest (or, of an older one, the oldest) stands in. */
  readonly known: boolean;
  readonly profile: Profile;
  /** How traces and observations are stored: what the target was seen to do where the version has a choice. */
  readonly writeMode: WriteMode;
  /** How the write mode was found, in words. */
  readonly writeModeBy: string;
  /** Queues of the ingestion that have keys in Redis at this moment; a shard has none before its first job or worker. */
  readonly queues: readonly FoundQueue[];
  /** Names of the tables and views in Langfuse's database of ClickHouse. */
  readonly tables: readonly string[];
  readonly clickhouseVersion: string;
}
