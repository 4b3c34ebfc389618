import { CHANGES, FIRST_PROFILE, NEWEST_READ } from './profiles.ts';

/** Milliseconds that an insert of the worker may take: the request timeout of its ClickHouse client, which no version sets. */
export const INSERT_TIMEOUT_MS = 30_000;

/** How v4 (and v3 from 3.179.0 on, where `legacy` is the default) stores traces and observations (`LANGFUSE_MIGRATION_V4_WRITE_MODE`). */
export const WRITE_MODES = ['legacy', 'dual', 'events_only'] as const;
export type WriteMode = (typeof WRITE_MODES)[number];

/** The queues that carry what was acknowledged to ClickHouse; shards beyond the first are called `<name>-1`, `<name>-2`, … */
export const INGESTION_QUEUES = [
  'ingestion-queue',
  'secondary-ingestion-queue',
  'otel-ingestion-queue',
  'secondary-otel-ingestion-queue',
] as const;
export type IngestionQueueName = (typeof INGESTION_QUEUES)[number];

/** What is known of one queue of a version. */
export interface QueueProfile {
  /** Runs of a job before it goes to the failed set; the back-off is 5 s, doubled each time. */
  readonly attempts: number;
  /** Whether there can be more than its first shard. */
  readonly sharded: boolean;
}

/**
 * What is the same for all releases of Langfuse from one version up to the next profile, as far as the harness has to know it.
 * Every fact was read at the tag that {@link CHANGES} names for it.
 *
 * Nothing of the harness acts by `queuePrefixes`, `fileLog`, `hasEventsTables`, `spansStatus`, `sanitisedKeys`, `insertAttempts`,
 * `retriesBrokenInsert`, `insertRows`, `endpoints` and the queues' `sharded`: these are for docs/versions.md, which says what each range is taken
 * to do (`fileLog` and `spansStatus` also for the contract tests, which hold them against a real one). What a run goes by is looked up at the target instead.
 */
export interface Profile {
  /** First version of the range, for example `3.113.0`. */
  readonly from: string;
  /** The queues that there are; one that is absent does not exist yet. */
  readonly queues: Readonly<Partial<Record<IngestionQueueName, QueueProfile>>>;
  /** What may stand before the queue's name in Redis besides `bull`: REDIS_KEY_PREFIX, `{<queue>}` of a Redis cluster. */
  readonly queuePrefixes: readonly ('key-prefix' | 'cluster')[];
  /** What `authCheck.scope.accessLevel` of a job says. */
  readonly accessLevel: 'all' | 'project';
  /** Whether a job names the folder of its entity in S3 (`bucketPrefix`), which the worker then does not work out itself. */
  readonly jobsNameFolder: boolean;
  /** The table that keeps a list of the raw objects. */
  readonly fileLog: 'event_log' | 'blob_storage_file_log';
  /** Whether the tables of v4 (`events_full` and others) are made by its migrations. */
  readonly hasEventsTables: boolean;
  /**
   * What becomes of spans that are sent over OTLP: the web makes events of the ingestion API of them; or it stores the request as one
   * object `<prefix>otel/<project>/yyyy/mm/dd/HH/MM/<uuid>.json` and adds one job to `otel-ingestion-queue`; between the two, that is chosen by a setting.
   */
  readonly spans: 'events' | 'events, or raw by setting' | 'raw';
  /** Whether it was read what the version makes of a span's attributes and ids; where not, spans can't be judged. */
  readonly spanContentKnown: boolean;
  /** Status with which the OTLP endpoint acknowledges. */
  readonly spansStatus: 207 | 200;
  /** Whether ids in S3 keys are sanitised: see `s3-keys.ts`. */
  readonly sanitisedKeys: boolean;
  /** Objects of one entity that the worker reads at most: one page of the listing. */
  readonly listLimit: number;
  /** Inserts of a row before the worker drops it, each one writer interval after the last; by default. */
  readonly insertAttempts: number;
  /** Whether each of these is itself repeated up to three times when the connection breaks in the middle. */
  readonly retriesBrokenInsert: boolean;
  /** Rows that one INSERT holds at most, by default. */
  readonly insertRows: number;
  /**
   * Whether the worker counts tokens in threads that it starts at the first generation without usage (`async-usage.ts`). Until they are
   * up, a count waits for up to 30 s, and jobs with it.
   */
  readonly countsInThreads: boolean;
  /** Write modes that can be chosen; the first is the default. */
  readonly writeModes: readonly WriteMode[];
  /** Endpoints beyond those of v3.36.0 that self-hosted deployments have. */
  readonly endpoints: readonly ('/api/admin/bullmq' | '/api/admin/ingestion-replay')[];
}

/** A profile, and whether its version is one that it was written for. */
export interface ProfileOfVersion {
  readonly profile: Profile;
  /** False for a version newer than any that was read, which is then taken to be like the newest, and for one before the first. */
  readonly known: boolean;
  /** Where a version stands among those that were read. */
  readonly place: 'known' | 'newer' | 'older';
}

/** The profile of each range, oldest first. */
export const PROFILES: readonly Profile[] = allProfiles();

function allProfiles(): Profile[] {
  let last = FIRST_PROFILE;
  const profiles = [last];
  for (const { from, changed } of CHANGES) {
    last = { ...last, ...changed, from, queues: { ...last.queues, ...changed.queues } };
    profiles.push(last);
  }
  return profiles;
}

/** The profile of a version such as `3.36.0`; of `v3.36.0` and `3.36.0-rc.1` as well. */
export function profileOf(version: string): ProfileOfVersion {
  const at = PROFILES.findLastIndex(({ from }) => compareVersions(from, version) <= 0);
  const place = at < 0 ? 'older' : compareVersions(version, NEWEST_READ) > 0 ? 'newer' : 'known';
  return { profile: PROFILES[Math.max(at, 0)] as Profile, known: place === 'known', place };
}

/** Below 0 if the first version is the older one, 0 if they are the same, above 0 otherwise; what follows the three numbers is left out. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  for (let at = 0; at < 3; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (/^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)?.slice(1) ?? []).map((digits) => Number(digits ?? 0));
}
