import type { FastifyInstance } from 'fastify';
import type { ClickHouse } from '../clickhouse.ts';
import { toClickHouseTime } from '../clickhouse.ts';
import type { Logger } from '../log.ts';
import type { Postgres } from '../postgres.ts';

/** The version whose behaviour the reference pipeline has. */
export const VERSION = '3.36.0';

/** Status and body of a health answer. */
export interface HealthAnswer {
  readonly code: number;
  readonly body: { readonly status: string; readonly version: string };
}

const answer = (code: number, status: string): HealthAnswer => ({ code, body: { status, version: VERSION } });

/** What the health routes look at. */
export interface HealthParts {
  readonly postgres: Postgres;
  readonly clickhouse: ClickHouse;
  readonly log: Logger;
  /** Whether the process was told to end. */
  readonly isTerminating: () => boolean;
}

/** Adds `GET /api/public/health` and `GET /api/public/ready`. */
export function addHealthRoutes(app: FastifyInstance, parts: HealthParts): void {
  app.all('/api/public/health', async (request, reply) => {
    const { code, body } = await health(request.query as Record<string, unknown>, parts);
    return reply.code(code).send(body);
  });
  app.all('/api/public/ready', async (_request, reply) => {
    const { code, body } = ready(parts.isTerminating());
    return reply.code(code).send(body);
  });
}

/**
 * `GET /api/public/health`: looks at nothing unless a flag asks for it, so that it stays 200 while everything behind
 * web is away (web/src/pages/api/public/health.ts at v3.36.0).
 * @param flags `failIfDatabaseUnavailable`, `failIfNoRecentEvents`: on when `true`
 */
export async function health(
  flags: Record<string, unknown>,
  { postgres, clickhouse, log }: Pick<HealthParts, 'postgres' | 'clickhouse' | 'log'>,
): Promise<HealthAnswer> {
  try {
    if (flags.failIfDatabaseUnavailable === 'true') await postgres.query('SELECT 1');
  } catch (error) {
    log.error({ err: error }, "Couldn't connect to database");
    return answer(503, 'Database not available');
  }
  try {
    if (flags.failIfNoRecentEvents === 'true') {
      const recent = await Promise.all([
        isRecent(clickhouse, 'traces'),
        isRecent(clickhouse, 'observations'),
      ]);
      if (!recent[0]) return answer(503, 'No traces within the last 3 minutes');
      if (!recent[1]) return answer(503, 'No observations within the last 3 minutes');
    }
  } catch (error) {
    log.error({ err: error }, "Couldn't fetch recent events");
    return answer(503, "Couldn't fetch recent events");
  }
  return answer(200, 'OK');
}

/** `GET /api/public/ready`: 500 once the process was told to end. */
export function ready(terminating: boolean): HealthAnswer {
  return terminating ? answer(500, 'SIGTERM / SIGINT received, shutting down') : answer(200, 'OK');
}

async function isRecent(clickhouse: ClickHouse, table: 'traces' | 'observations'): Promise<boolean> {
  const rows = await clickhouse.query(
    `SELECT id FROM ${table}
     WHERE created_at BETWEEN {now: DateTime64(3)} - INTERVAL 3 MINUTE AND {now: DateTime64(3)} LIMIT 1`,
    { now: toClickHouseTime(new Date()) },
  );
  return rows.length > 0;
}
