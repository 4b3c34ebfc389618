import type { Redis, RedisOptions } from 'ioredis';
import type { SharedEnv } from './env.ts';
import type { Logger } from './log.ts';
import { connectRedis } from './redis.ts';

/** Milliseconds for a connection, and for the answer to a command. */
const TIMEOUT = 3000;
/** Milliseconds of silence after which a connection counts as dead; BullMQ's longest wait for a job is 10 s. */
const SILENCE = 15_000;

const RECONNECT: RedisOptions = {
  connectTimeout: TIMEOUT,
  retryStrategy: (times) => Math.min(times * 100, 1000),
  reconnectOnError: (error) => (error.message.includes('READONLY') ? 2 : false),
};

/**
 * A connection whose commands answer or fail within 3 s: they don't wait for a connection that is gone, and none is sent
 * twice. For all that somebody waits for.
 */
export function connectImpatient(env: SharedEnv, log: Logger): Redis {
  return connectRedis(env, log, {
    ...RECONNECT,
    commandTimeout: TIMEOUT,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
}

/** A connection for a consumer: its commands wait for Redis, and a silent one is opened anew. */
export function connectConsumer(env: SharedEnv, log: Logger): Redis {
  return connectRedis(env, log, { ...RECONNECT, socketTimeout: SILENCE });
}
