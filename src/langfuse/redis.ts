import { Redis } from 'ioredis';
import { ChaosError, messageOf } from '../base/errors.ts';

/** Milliseconds that Redis has for the connection and for each command. */
const CONNECT_TIMEOUT_MS = 3000;
const COMMAND_TIMEOUT_MS = 10_000;

/**
 * A connection on which every command is sent once and fails at once when Redis is away, or after 10 s when it is there and
 * silent (ioredis would queue and re-send them for ever otherwise). A lost connection comes back by itself.
 *
 * @param url holds the password and never appears in an error
 * @throws ChaosError `E_REDIS` when Redis does not answer within 3 s or refuses the password
 */
export async function connect(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // 0 rejects what is in flight the moment the connection closes.
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 100, 1000),
  });
  let lastError: unknown;
  redis.on('error', (error) => {
    lastError = error;
  });
  // A server that accepts and stays silent would hold up ioredis for several command time-outs.
  const tooLate = setTimeout(() => redis.disconnect(), CONNECT_TIMEOUT_MS);
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw redisError(lastError ?? error);
  } finally {
    clearTimeout(tooLate);
  }
}

/** Awaits an answer of Redis; what goes wrong becomes the one error that the harness shows. @throws ChaosError `E_REDIS` */
export async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ChaosError ? error : redisError(error);
  }
}

function redisError(cause: unknown): ChaosError {
  return new ChaosError({
    code: 'E_REDIS',
    happened: `Redis could not be asked about the ingestion queue: ${messageOf(cause).replace(/\.$/, '')}.`,
    expected: `a connection within ${CONNECT_TIMEOUT_MS / 1000} s and an answer within ${COMMAND_TIMEOUT_MS / 1000} s`,
    remedy: 'see whether Redis runs and takes this password; the queue is asked again with the next call.',
    cause,
  });
}
