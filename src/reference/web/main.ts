import { ClickHouse } from '../clickhouse.ts';
import { plantOf } from '../defects/plant.ts';
import { plantInStore } from '../defects/web.ts';
import { readWebEnv } from '../env.ts';
import { createLogger } from '../log.ts';
import { Postgres } from '../postgres.ts';
import { connectRedis } from '../redis.ts';
import { EventStore } from '../s3.ts';
import { createTables } from '../tables.ts';
import { Auth } from './auth.ts';
import { addHealthRoutes } from './health.ts';
import { createServer } from './http.ts';
import { Ingester } from './ingest.ts';
import { addIngestionRoutes } from './ingestion-routes.ts';
import { initialise } from './init.ts';
import { addProjectRoute } from './projects.ts';
import { addReadRoutes } from './reads.ts';

/** How long Langfuse's web goes on after SIGTERM when it handles signals itself, milliseconds. */
const LINGER = 110_000;

/*
 * The web process. Boots as Langfuse's container does: tables in Postgres, tables in ClickHouse, headless
 * initialisation, then listen. It ends with code 1 if a step fails; so with ClickHouse away it does not come up,
 * unless LANGFUSE_AUTO_CLICKHOUSE_MIGRATION_DISABLED is true. ClickHouse's tables are made over CLICKHOUSE_URL,
 * where Langfuse's migrations use the native protocol.
 */
const env = readWebEnv(process.env);
const log = createLogger('web', env.LANGFUSE_LOG_LEVEL);
const postgres = new Postgres(env.DATABASE_URL, log);
const clickhouse = new ClickHouse(env);

try {
  if (!env.LANGFUSE_AUTO_POSTGRES_MIGRATION_DISABLED)
    await step('Postgres tables', () => postgres.createTables());
  if (!env.LANGFUSE_AUTO_CLICKHOUSE_MIGRATION_DISABLED) {
    await step('ClickHouse tables', () => createTables(clickhouse));
  }
  await step('headless initialisation', () => initialise(env, postgres));
  await serve();
} catch (error) {
  log.fatal({ err: error }, `Web did not start: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

async function step(what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw new Error(`${what} failed: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

async function serve(): Promise<void> {
  const redis = connectRedis(env, log);
  const auth = new Auth(env, postgres, redis, log);
  const plant = plantOf(env, log);
  const store = plantInStore(new EventStore(env, log), plant);
  const ingester = new Ingester(env, store, log, plant);
  const app = createServer(log);
  let terminating = false;

  addHealthRoutes(app, { postgres, clickhouse, log, isTerminating: () => terminating });
  addIngestionRoutes(app, { auth, ingester, log });
  addReadRoutes(app, { auth, clickhouse, ingester, log });
  addProjectRoute(app, { auth, log, postgres });
  await app.listen({ host: env.HOSTNAME, port: env.PORT });
  log.info(`Listening: http://${env.HOSTNAME}:${env.PORT}`);

  const end = () => {
    if (!env.NEXT_MANUAL_SIG_HANDLE) process.exit(0);
    log.info('SIGTERM / SIGINT received. Shutting down in 110 seconds.');
    terminating = true;
    setTimeout(() => {
      redis.disconnect();
      void postgres.end();
      log.info('Shutdown complete');
    }, LINGER);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
