import type { Profile } from './profile.ts';

/** The newest version whose code was read. */
export const NEWEST_READ = '4.16.0';

/** The oldest version that the harness knows. */
export const FIRST_PROFILE: Profile = {
  from: '3.36.0',
  queues: {
    'ingestion-queue': { attempts: 5, sharded: false },
    'secondary-ingestion-queue': { attempts: 5, sharded: false },
  },
  queuePrefixes: [],
  accessLevel: 'all',
  jobsNameFolder: false,
  fileLog: 'event_log',
  hasEventsTables: false,
  spans: 'events',
  spanContentKnown: true,
  spansStatus: 207,
  sanitisedKeys: false,
  listLimit: 1000,
  insertAttempts: 3,
  retriesBrokenInsert: false,
  insertRows: 10_000,
  countsInThreads: false,
  writeModes: ['legacy'],
  endpoints: [],
};

/** What is different from one version on, oldest first. A field that is absent stays as it was, and so does a queue. */
export const CHANGES: readonly { readonly from: string; readonly changed: Partial<Omit<Profile, 'from'>> }[] =
  [
    // web/src/pages/api/public/otel/v1/traces
    { from: '3.38.0', changed: { spansStatus: 200 } },
    // web/src/features/otel/server: the same file up to v3.40.0, then another in nearly every release until the worker takes it over
    { from: '3.41.0', changed: { spanContentKnown: false } },
    // packages/shared/src/server/auth
    { from: '3.50.0', changed: { accessLevel: 'project' } },
    // packages/shared/clickhouse/migrations
    { from: '3.53.0', changed: { fileLog: 'blob_storage_file_log' } },
    { from: '3.67.0', changed: { endpoints: ['/api/admin/bullmq'] } },
    // packages/shared/src/server/redis/{ingestionQueue,redis}.ts, here and where else queues change
    {
      from: '3.70.0',
      changed: {
        queues: { 'ingestion-queue': { attempts: 5, sharded: true } },
        queuePrefixes: ['cluster'],
      },
    },
    // LANGFUSE_S3_LIST_MAX_KEYS in packages/shared/src/env.ts
    { from: '3.75.2', changed: { listLimit: 200 } },
    { from: '3.79.0', changed: { queues: { 'ingestion-queue': { attempts: 6, sharded: true } } } },
    // worker/src/services/ClickhouseWriter
    { from: '3.80.0', changed: { retriesBrokenInsert: true } },
    // worker/src/features/tokenisation/async-usage.ts
    { from: '3.107.0', changed: { countsInThreads: true } },
    // LANGFUSE_EXPERIMENT_USE_OTEL_INGESTION_QUEUE in web/src/pages/api/public/otel/v1/traces
    {
      from: '3.108.0',
      changed: {
        spans: 'events, or raw by setting',
        queues: { 'otel-ingestion-queue': { attempts: 6, sharded: true } },
      },
    },
    { from: '3.113.0', changed: { spans: 'raw', spanContentKnown: true, insertRows: 1000 } },
    // REDIS_KEY_PREFIX is there from 3.85.0 on, but until then BullMQ was given it in a way that it refuses.
    { from: '3.157.0', changed: { queuePrefixes: ['cluster', 'key-prefix'] } },
    { from: '3.159.0', changed: { endpoints: ['/api/admin/bullmq', '/api/admin/ingestion-replay'] } },
    { from: '3.160.0', changed: { queues: { 'secondary-ingestion-queue': { attempts: 5, sharded: true } } } },
    {
      from: '3.173.0',
      changed: { queues: { 'secondary-otel-ingestion-queue': { attempts: 5, sharded: true } } },
    },
    // packages/shared/src/env.ts, worker/src/env.ts
    { from: '3.179.0', changed: { writeModes: ['legacy', 'dual', 'events_only'] } },
    // packages/shared/src/server/ingestion/eventBucketPath.ts, services/safeBlobKeySegment.ts
    { from: '3.189.0', changed: { sanitisedKeys: true, jobsNameFolder: true } },
    { from: '4.0.0', changed: { writeModes: ['events_only', 'dual', 'legacy'], hasEventsTables: true } },
  ];
