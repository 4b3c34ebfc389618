import type { Redis } from 'ioredis';
import type { Postgres } from '../postgres.ts';

/** Longest wait for Redis, milliseconds. */
const PING_TIMEOUT = 2000;

/** Looks at Postgres and Redis; not at ClickHouse, S3 or the queue. @throws Error if one does not answer */
export async function checkHealth(postgres: Postgres, redis: Redis): Promise<void> {
  await postgres.query('SELECT 1');
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('Redis ping timeout after 2 seconds')), PING_TIMEOUT);
  try {
    await Promise.race([redis.ping(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
