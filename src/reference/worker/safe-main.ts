import { Queue } from 'bullmq';
import fastify from 'fastify';
import { ClickHouse } from '../clickhouse.ts';
import { readWorkerEnv, type WorkerEnv } from '../env.ts';
import { createLogger } from '../log.ts';
import { Postgres } from '../postgres.ts';
import {
  INGESTION_QUEUE,
  SECONDARY_INGESTION_QUEUE,
  TRACE_UPSERT_QUEUE,
  type TraceUpsertJob,
} from '../queues.ts';
import { CLICKHOUSE_LIMITS, POSTGRES_LIMITS } from '../safe-limits.ts';
import { patiently } from '../safe-patience.ts';
import { SafeQueue } from '../safe-queue.ts';
import { connectImpatient } from '../safe-redis.ts';
import { createTables } from '../tables.ts';
import { checkHealth } from './health.ts';
import { EntityReader } from './read.ts';
import { CONCURRENCY, consumeSafely } from './safe-consumer.ts';
import { kindOfInsertFailure } from './safe-failures.ts';
import { SafeJobs } from './safe-job.ts';
import { LossWatch } from './safe-loss.ts';
import { PatientClickHouse, PatientPostgres, PatientStore } from './safe-stores.ts';
import { sweep } from './safe-sweep.ts';
import { Upkeep } from './safe-upkeep.ts';
import { SafeWriter } from './safe-writer.ts';

/** Longest time in which rows are gathered for one insert, milliseconds. */
const LONGEST_INTERVAL = 1000;
/** Milliseconds after SIGTERM: until jobs that still wait go back to the queue, and until the process ends whatever hangs. */
const PATIENCE_AT_THE_END = 4000;
const LAST_MOMENT = 8000;

/*
 * The worker process of the safe pipeline. It starts with everything behind it away, and waits. Told to end it takes no
 * new job, waits for those under way, hands back those that can't end, and ends.
 */
const env = readWorkerEnv(process.env);
const log = createLogger('worker', env.LANGFUSE_LOG_LEVEL);
const stopping = new AbortController();
/** Aborts when jobs can't be waited for any longer. */
const ending = new AbortController();
const patience = { log, signal: ending.signal };

const clickhouse = new ClickHouse(env, CLICKHOUSE_LIMITS);
const patientClickHouse = new PatientClickHouse(env, patience);
const postgres = new Postgres(env.DATABASE_URL, log, POSTGRES_LIMITS);
const patientPostgres = new PatientPostgres(env.DATABASE_URL, log, patience);
const store = new PatientStore(env, log, patience);
const redis = connectImpatient(env, log);
const queue = new SafeQueue(redis, env, log);
const upserts = traceUpsertQueue();

const writer = new SafeWriter(
  {
    batchSize: env.LANGFUSE_INGESTION_CLICKHOUSE_WRITE_BATCH_SIZE,
    intervalMs: Math.min(env.LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS, LONGEST_INTERVAL),
    enough: CONCURRENCY / 2,
  },
  {
    insert: (table, rows) => clickhouse.insert(table, rows),
    kindOf: kindOfInsertFailure,
    log,
    signal: ending.signal,
  },
);
const jobs = new SafeJobs({
  env,
  store,
  reader: new EntityReader(withoutSkips(), patientClickHouse, patientPostgres),
  writer,
  postgres: patientPostgres,
  patience,
  traceUpserts: {
    add: (name, job) => patiently('Redis', () => upserts.add(name, job), patience),
  },
});
const prefix = env.LANGFUSE_S3_EVENT_UPLOAD_PREFIX;
const upkeep = new Upkeep({
  log,
  scale: env.REFERENCE_BACKOFF_SCALE,
  watch: new LossWatch(redis, clickhouse),
  makeTables: () => createTables(clickhouse),
  forget: () => jobs.forget(),
  sweep: () => sweep({ prefix, store, clickhouse: patientClickHouse, queue }),
  failedJobs: queue.queue,
  signal: stopping.signal,
});

const workers = [INGESTION_QUEUE, SECONDARY_INGESTION_QUEUE].map((name) =>
  consumeSafely(name, (job) => jobs.process(job), { env, log, signal: ending.signal }),
);
void upkeep.run();

const app = fastify({ logger: false });
for (const path of ['/api/health', '/api/ready']) {
  app.get(path, async (_request, reply) => {
    try {
      if (path === '/api/ready') stopping.signal.throwIfAborted();
      await checkHealth(postgres, redis);
      return await reply.send({ status: 'ok' });
    } catch (error) {
      log.error({ err: error }, 'Health check failed');
      return await reply.code(503).send({ status: 'error' });
    }
  });
}
await app.listen({ host: env.HOSTNAME, port: env.PORT });
log.info(`Listening: http://${env.HOSTNAME}:${env.PORT}`);

const end = async () => {
  log.info('Told to end: no new jobs');
  stopping.abort(new Error('told to end'));
  setTimeout(() => ending.abort(new Error('told to end')), PATIENCE_AT_THE_END);
  setTimeout(() => process.exit(1), LAST_MOMENT);
  await Promise.all(workers.map((worker) => worker.close()));
  log.info('Every job is done or back in the queue');
  process.exit(0);
};
process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());

/** The read before the write is never left out. */
function withoutSkips(): WorkerEnv {
  return {
    ...env,
    LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_PROJECT_IDS: '',
    LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_MIN_PROJECT_CREATE_DATE: undefined,
  };
}

function traceUpsertQueue(): Queue<TraceUpsertJob> {
  const upserts = new Queue<TraceUpsertJob>(TRACE_UPSERT_QUEUE, {
    connection: connectImpatient(env, log),
    defaultJobOptions: { removeOnComplete: 100, delay: 15_000, attempts: 5 },
  });
  upserts.on('error', (error) => log.error({ err: error }, `${TRACE_UPSERT_QUEUE} error`));
  return upserts;
}
