import { z } from 'zod/v3';
import { DEFECT_NAMES } from './defects.ts';

/*
 * The reference pipeline speaks zod 3 throughout, as Langfuse 3.36.0 does: the texts of zod's issues are part of
 * its answers.
 */

const flag = (byDefault: 'true' | 'false') =>
  z
    .enum(['true', 'false'])
    .default(byDefault)
    .transform((value) => value === 'true');
const port = (byDefault: number) => z.coerce.number().int().positive().max(65_535).default(byDefault);

/** Settings that web and worker share; Langfuse's names (packages/shared/src/env.ts at v3.36.0). */
const shared = {
  DATABASE_URL: z.string(),
  /** Langfuse listens on every interface unless told otherwise; a stand-in on a developer's machine should not. */
  HOSTNAME: z.string().default('127.0.0.1'),
  LANGFUSE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),

  CLICKHOUSE_URL: z.string().url(),
  CLICKHOUSE_USER: z.string(),
  CLICKHOUSE_PASSWORD: z.string(),
  CLICKHOUSE_DB: z.string().default('default'),

  REDIS_CONNECTION_STRING: z.string().optional(),
  REDIS_HOST: z.string().optional(),
  REDIS_PORT: port(6379),
  REDIS_AUTH: z.string().optional(),
  REDIS_ENABLE_AUTO_PIPELINING: flag('true'),

  LANGFUSE_S3_EVENT_UPLOAD_BUCKET: z.string(),
  LANGFUSE_S3_EVENT_UPLOAD_PREFIX: z.string().default(''),
  LANGFUSE_S3_EVENT_UPLOAD_REGION: z.string().optional(),
  LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT: z.string().optional(),
  LANGFUSE_S3_EVENT_UPLOAD_ACCESS_KEY_ID: z.string().optional(),
  LANGFUSE_S3_EVENT_UPLOAD_SECRET_ACCESS_KEY: z.string().optional(),
  LANGFUSE_S3_EVENT_UPLOAD_FORCE_PATH_STYLE: flag('false'),

  /**
   * Scales the back-off of the jobs that web adds (5, 10, 20, 40 s at scale 1) and, in the worker,
   * the stalled check (30 s) and the lock of a job (30 s, never below 5 s). Both processes need the same value.
   */
  REFERENCE_BACKOFF_SCALE: z.coerce.number().positive().default(1),
  /** Failed jobs that a queue keeps; Langfuse's number is fixed, and a test would need 100,000 failures to reach it. Read by web. */
  REFERENCE_FAILED_JOBS_KEPT: z.coerce.number().int().positive().default(100_000),
  /** A defect to plant, see defects.ts; none unless told. Both processes need the same value. */
  REFERENCE_DEFECT: z.enum(DEFECT_NAMES).optional(),
  /**
   * Which pipeline runs: the one with Langfuse's weaknesses, or one that loses nothing. `launch.ts` starts another file for
   * it. Both processes need the same value.
   */
  REFERENCE_PIPELINE: z.enum(['v3.36.0', 'safe']).default('v3.36.0'),
};

const webSchema = z.object({
  ...shared,
  PORT: port(3000),
  SALT: z.string(),
  LANGFUSE_INGESTION_QUEUE_DELAY_MS: z.coerce.number().nonnegative().default(15_000),
  LANGFUSE_CACHE_API_KEY_ENABLED: flag('false'),
  LANGFUSE_CACHE_API_KEY_TTL_SECONDS: z.coerce.number().int().positive().default(120),
  LANGFUSE_AUTO_POSTGRES_MIGRATION_DISABLED: flag('false'),
  LANGFUSE_AUTO_CLICKHOUSE_MIGRATION_DISABLED: flag('false'),
  LANGFUSE_INIT_ORG_ID: z.string().optional(),
  LANGFUSE_INIT_ORG_NAME: z.string().default('Provisioned Org'),
  LANGFUSE_INIT_PROJECT_ID: z.string().optional(),
  LANGFUSE_INIT_PROJECT_NAME: z.string().default('Provisioned Project'),
  LANGFUSE_INIT_PROJECT_PUBLIC_KEY: z.string().optional(),
  LANGFUSE_INIT_PROJECT_SECRET_KEY: z.string().optional(),
  /** Set in Langfuse's web image: SIGTERM only raises a flag, and the process goes on for 110 s. */
  NEXT_MANUAL_SIG_HANDLE: z.string().optional(),
});

const workerSchema = z.object({
  ...shared,
  PORT: port(3030),
  LANGFUSE_INGESTION_QUEUE_PROCESSING_CONCURRENCY: z.coerce.number().positive().default(20),
  LANGFUSE_INGESTION_SECONDARY_QUEUE_PROCESSING_CONCURRENCY: z.coerce.number().positive().default(5),
  LANGFUSE_SECONDARY_INGESTION_QUEUE_ENABLED_PROJECT_IDS: z.string().optional(),
  LANGFUSE_INGESTION_CLICKHOUSE_WRITE_BATCH_SIZE: z.coerce.number().positive().default(10_000),
  LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: z.coerce.number().positive().default(1000),
  LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: z.coerce.number().positive().default(3),
  LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_PROJECT_IDS: z.string().default(''),
  LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_MIN_PROJECT_CREATE_DATE: z.string().date().optional(),
  LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE: flag('false'),
  QUEUE_CONSUMER_INGESTION_QUEUE_IS_ENABLED: flag('true'),
  QUEUE_CONSUMER_INGESTION_SECONDARY_QUEUE_IS_ENABLED: flag('true'),
});

/** By the name of a variable: says of a value what it must be, or undefined where it can be read. An empty one counts as unset. */
export type Variables = Readonly<Record<string, (value: string) => string | undefined>>;

/** The variables that web reads. */
export const WEB_VARIABLES = variablesOf(webSchema.shape);
/** The variables that the worker reads. */
export const WORKER_VARIABLES = variablesOf(workerSchema.shape);

/** What web is configured by. */
export type WebEnv = z.infer<typeof webSchema>;
/** What the worker is configured by. */
export type WorkerEnv = z.infer<typeof workerSchema>;
/** What both are configured by. */
export type SharedEnv = Pick<WebEnv & WorkerEnv, keyof typeof shared>;

/** Parses web's environment; an empty string counts as unset. @throws Error that names the variables at fault */
export function readWebEnv(source: NodeJS.ProcessEnv): WebEnv {
  return read(webSchema, source);
}

/** Parses the worker's environment; an empty string counts as unset. @throws Error that names the variables at fault */
export function readWorkerEnv(source: NodeJS.ProcessEnv): WorkerEnv {
  return read(workerSchema, source);
}

function variablesOf(shape: z.ZodRawShape): Variables {
  return Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [
      name,
      (value: string) =>
        value === '' ? undefined : schema.safeParse(value).error?.issues.map(expectedBy).join('; '),
    ]),
  );
}

function expectedBy(issue: z.ZodIssue): string {
  if (issue.code === 'invalid_type') return `a ${issue.expected}`;
  if (issue.code === 'invalid_enum_value') return `one of ${issue.options.join(', ')}`;
  return issue.message;
}

function read<Schema extends z.ZodTypeAny>(schema: Schema, source: NodeJS.ProcessEnv): z.infer<Schema> {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The environment is not complete: ${faults.join('; ')}`);
}
