import { z } from 'zod';
import { INGESTION_QUEUE } from '../../langfuse/queue.ts';
import type { Fault } from '../fault.ts';
import { redisSchema, takesWrites, withRedis } from './connection.ts';

const schema = z.strictObject({ on: redisSchema });

/**
 * Everything in Redis is gone (FLUSHALL): the jobs that wait, are delayed or have failed, and with them the only list of what is still
 * to do. It cannot be undone; S3 keeps the events, and a replay from there brings them back.
 */
export const redisFlushed: Fault<z.infer<typeof schema>> = {
  name: 'redis-flushed',
  group: 'redis',
  summary: 'All data of Redis is deleted (FLUSHALL). It cannot be undone: recovering does nothing.',
  feltWhen: "what the worker wrote to Redis when it started, the queue's own settings, is gone",
  healedWhen: 'Redis took a write; what was in it does not come back',
  schema,
  async inject(_parameters, stack) {
    await withRedis(stack, (redis) => redis.flushall());
  },
  felt: (_parameters, stack) =>
    withRedis(stack, async (redis) =>
      (await redis.exists(`bull:${INGESTION_QUEUE}:meta`)) === 0
        ? 'what the worker wrote to Redis when it started is gone'
        : undefined,
    ),
  recover: async () => {},
  healed: (_parameters, stack) => takesWrites(stack),
};
