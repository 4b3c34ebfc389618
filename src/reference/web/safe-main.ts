import { readWebEnv } from '../env.ts';
import { createLogger } from '../log.ts';
import { Postgres } from '../postgres.ts';
import { EventStore } from '../s3.ts';
import { POSTGRES_LIMITS, READ_LIMITS, S3_LIMITS } from '../safe-limits.ts';
import { patiently, within } from '../safe-patience.ts';
import { SafeQueue } from '../safe-queue.ts';
import { connectImpatient } from '../safe-redis.ts';
import { createTables } from '../tables.ts';
import { addHealthRoutes } from './health.ts';
import { createServer } from './http.ts';
import { addIngestionRoutes } from './ingestion-routes.ts';
import { initialise } from './init.ts';
import { addProjectRoute } from './projects.ts';
import { addReadRoutes } from './reads.ts';
import { SafeIngester } from './safe-ingest.ts';
import { SafeAuth, SafeClickHouse } from './safe-parts.ts';

/** Seconds after which a client may try again. */
const RETRY_AFTER = '2';
/** Milliseconds that listening waits for tables and key. */
const LONGEST_PREPARATION = 5000;

/*
 * The web process of the safe pipeline. It comes up whatever is away behind it, and makes tables and key when it can;
 * until then it answers 503. When it is told to end it takes nothing new and ends what it has begun.
 */
const env = readWebEnv(process.env);
const log = createLogger('web', env.LANGFUSE_LOG_LEVEL);
const postgres = new Postgres(env.DATABASE_URL, log, POSTGRES_LIMITS);
const clickhouse = new SafeClickHouse(env, READ_LIMITS);
const redis = connectImpatient(env, log);
const queue = new SafeQueue(connectImpatient(env, log), env, log);
const store = new EventStore(env, log, S3_LIMITS);
const auth = new SafeAuth(env, postgres, redis, log);
const ingester = new SafeIngester({ env, log, store, queue, postgres });
const ending = new AbortController();

const app = createServer(log);
app.addHook('onSend', async (_request, reply) => {
  if (reply.statusCode === 503) reply.header('retry-after', RETRY_AFTER);
});
addHealthRoutes(app, { postgres, clickhouse, log, isTerminating: () => ending.signal.aborted });
addIngestionRoutes(app, { auth, ingester, log });
addReadRoutes(app, { auth, clickhouse, ingester, log });
addProjectRoute(app, { auth, log, postgres });
const end = async () => {
  ending.abort(new Error('told to end'));
  await app.close();
  log.info('Shutdown complete');
  process.exit(0);
};
process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());

const patience = { log, signal: ending.signal };
const prepared = Promise.all([
  patiently('Postgres', () => preparePostgres(), patience).then(() => auth.open()),
  patiently('ClickHouse', () => createTables(clickhouse), patience),
]).catch(() => log.info('Ended before everything was prepared'));
// Where all is well the first request finds its key; where something is away nobody waits for it.
await within(LONGEST_PREPARATION, 'preparation', prepared).catch((error) => log.warn({ err: error }));
await app.listen({ host: env.HOSTNAME, port: env.PORT });
log.info(`Listening: http://${env.HOSTNAME}:${env.PORT}`);

async function preparePostgres(): Promise<void> {
  await postgres.createTables();
  await initialise(env, postgres);
}
