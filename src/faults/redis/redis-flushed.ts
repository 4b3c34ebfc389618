import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { redisSchema, takesWrites, withRedis } from './connection.ts';

const schema = z.strictObject({ on: redisSchema });

/** Written right before: keys of the target's own may be there again at once, as BullMQ writes a queue's settings anew with the next job. */
const WITNESS = 'langfuse-chaos:there-before-the-flush';

/**
 * Everything in Redis is gone (FLUSHALL): the jobs that wait, are delayed or have failed, and with them the only list of what is still
 * to do. It cannot be undone; S3 keeps the events, and a replay from there brings them back.
 */
export const redisFlushed: Fault<z.infer<typeof schema>> = {
  name: 'redis-flushed',
  group: 'redis',
  summary: 'All data of Redis is deleted (FLUSHALL). It cannot be undone: recovering does nothing.',
  feltWhen: 'a key that was written right before is gone',
  healedWhen: 'Redis took a write; what was in it does not come back',
  schema,
  async inject(_parameters, stack) {
    await withRedis(stack, async (redis) => {
      await redis.set(WITNESS, 1);
      await redis.flushall();
    });
  },
  felt: (_parameters, stack) =>
    withRedis(stack, async (redis) =>
      (await redis.exists(WITNESS)) === 0 ? 'what was in Redis right before is gone' : undefined,
    ),
  recover: async () => {},
  healed: (_parameters, stack) => takesWrites(stack),
};
