import { Redis, type RedisOptions } from 'ioredis';
import type { SharedEnv } from './env.ts';
import type { Logger } from './log.ts';

/**
 * A connection as Langfuse makes it (packages/shared/src/server/redis/redis.ts at v3.36.0): a command waits for ever
 * for a reconnect, and one without an answer is sent again after it. A missing REDIS_AUTH is sent as the text `undefined`.
 */
export function connectRedis(env: SharedEnv, log: Logger, more: RedisOptions = {}): Redis {
  const options: RedisOptions = {
    maxRetriesPerRequest: null,
    enableAutoPipelining: env.REDIS_ENABLE_AUTO_PIPELINING,
    ...more,
  };
  const redis = env.REDIS_CONNECTION_STRING
    ? new Redis(env.REDIS_CONNECTION_STRING, options)
    : new Redis({
        host: String(env.REDIS_HOST),
        port: env.REDIS_PORT,
        password: String(env.REDIS_AUTH),
        ...options,
      });
  redis.on('error', (error) => log.error({ err: error }, 'Redis error'));
  return redis;
}

/** How queue connections come back: never giving up, 1 s at first, growing to 20 s. */
export function queueReconnect(log: Logger): RedisOptions {
  return {
    retryStrategy: (times) => {
      log.warn(`Connection to redis lost. Retry attempt: ${times}`);
      return Math.max(Math.min(Math.exp(times), 20_000), 1000);
    },
    reconnectOnError: (error) => {
      log.warn(`Redis connection error: ${error.message}`);
      return error.message.includes('READONLY') ? 2 : false;
    },
  };
}

/**
 * A connection for adding jobs. Without an offline queue: once it has been up, a command during an outage fails at
 * once with `Stream isn't writeable and enableOfflineQueue options is false`.
 */
export function connectProducer(env: SharedEnv, log: Logger): Redis {
  return connectRedis(env, log, { enableOfflineQueue: false, ...queueReconnect(log) });
}
