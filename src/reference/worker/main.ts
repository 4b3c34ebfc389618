import type { Worker } from 'bullmq';
import fastify, { type FastifyReply } from 'fastify';
import { ClickHouse } from '../clickhouse.ts';
import { plantInConsumer, plantInJobs } from '../defects/jobs.ts';
import { plantInMerger } from '../defects/merges.ts';
import { plantOf } from '../defects/plant.ts';
import { plantInInserts } from '../defects/rows.ts';
import { readWorkerEnv } from '../env.ts';
import { createLogger } from '../log.ts';
import { Postgres } from '../postgres.ts';
import { type IngestionJob, ingestionQueue, SECONDARY_INGESTION_QUEUE, traceUpsertQueue } from '../queues.ts';
import { connectRedis } from '../redis.ts';
import { EventStore } from '../s3.ts';
import { consume } from './consumer.ts';
import { EntityMerger } from './entities.ts';
import { checkHealth } from './health.ts';
import { type JobParts, processJob } from './job.ts';
import { EntityReader } from './read.ts';
import { ClickHouseWriter } from './writer.ts';

/* The worker process. It starts with everything behind it away, and waits. */
const env = readWorkerEnv(process.env);
const log = createLogger('worker', env.LANGFUSE_LOG_LEVEL);
const postgres = new Postgres(env.DATABASE_URL, log);
const clickhouse = new ClickHouse(env);
const redis = connectRedis(env, log);
const plant = plantOf(env, log);
const writer = new ClickHouseWriter(
  plantInInserts((table, rows) => clickhouse.insert(table, rows), plant),
  {
    batchSize: env.LANGFUSE_INGESTION_CLICKHOUSE_WRITE_BATCH_SIZE,
    intervalMs: env.LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS,
    maxAttempts: env.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS,
  },
  log,
);
writer.start();

const workers = startConsumers();
const app = fastify({ logger: false });
let terminating = false;

app.get('/api/health', async (_request, reply) => answerHealth(reply));
app.get('/api/ready', async (_request, reply) => {
  if (!terminating) return answerHealth(reply);
  return reply.code(500).send({ status: 'SIGTERM / SIGINT received, shutting down' });
});
await app.listen({ host: env.HOSTNAME, port: env.PORT });
log.info(`Listening: http://${env.HOSTNAME}:${env.PORT}`);

process.on('SIGTERM', () => void shutDown('SIGTERM'));
process.on('SIGINT', () => void shutDown('SIGINT'));

function startConsumers(): Worker<IngestionJob>[] {
  const queue = ingestionQueue({ env, log });
  const secondary = ingestionQueue({ env, log }, SECONDARY_INGESTION_QUEUE);
  const ownMerger = new EntityMerger({
    reader: new EntityReader(env, clickhouse, postgres),
    writer,
    postgres,
    traceUpserts: traceUpsertQueue({ env, log }),
  });
  const merger = plantInMerger(ownMerger, plant);
  const parts: JobParts = {
    env,
    log,
    writer,
    store: new EventStore(env, log),
    redis,
    merger,
    secondary,
  };
  const started: Worker<IngestionJob>[] = [];
  if (env.QUEUE_CONSUMER_INGESTION_QUEUE_IS_ENABLED) {
    const concurrency = env.LANGFUSE_INGESTION_QUEUE_PROCESSING_CONCURRENCY;
    const work = plantInJobs((job) => processJob(job, parts), plant);
    started.push(plantInConsumer(consume(queue, work, { env, log, concurrency }), plant));
  }
  if (env.QUEUE_CONSUMER_INGESTION_SECONDARY_QUEUE_IS_ENABLED) {
    const concurrency = env.LANGFUSE_INGESTION_SECONDARY_QUEUE_PROCESSING_CONCURRENCY;
    const own = { ...parts, secondary: undefined };
    started.push(consume(secondary, (job) => processJob(job, own), { env, log, concurrency }));
  }
  return started;
}

async function answerHealth(reply: FastifyReply): Promise<FastifyReply> {
  try {
    await checkHealth(postgres, redis);
    return await reply.send({ status: 'ok' });
  } catch (error) {
    log.error({ err: error }, 'Health check failed');
    return await reply.code(500).send({ status: 'error' });
  }
}

/**
 * Langfuse's shutdown (worker/src/utils/shutdown.ts at v3.36.0): active jobs end, then one last flush, whose failure
 * loses the rows. It never calls process.exit, and the queues' connections keep the process alive until SIGKILL.
 */
async function shutDown(signal: string): Promise<void> {
  log.info(`Received ${signal}, closing server...`);
  terminating = true;
  app.server.close();
  await Promise.all(workers.map((worker) => worker.close()));
  log.info('All workers have been closed.');
  await writer.shutdown();
  log.info('Clickhouse writer has been shut down.');
  redis.disconnect();
  log.info('Redis connection has been closed.');
  await postgres.end();
  log.info('Shutdown complete, exiting process...');
}
