import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { figure, redisSchema, restoreMemory, takesWrites, withRedis } from './connection.ts';

const schema = z.strictObject({
  on: redisSchema,
  share: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.5)
    .describe('share of the data in Redis at the injection for which there is room; default: 0.5'),
});

/**
 * Redis has reached maxmemory and evicts what was used least lately (allkeys-lru), as a Redis that was set up as a cache does. The
 * hash of a job can go while its id stays in the queue: the job is gone, and nothing says so. What was evicted does not come back.
 */
export const redisFullEvicting: Fault<z.infer<typeof schema>> = {
  name: 'redis-full-evicting',
  group: 'redis',
  summary: 'Redis is full and evicts keys of the queue (allkeys-lru). Evicted keys do not come back.',
  feltWhen: 'Redis has evicted keys since the injection, by its own count',
  healedWhen: 'Redis has no limit again and took a write',
  schema,
  inject: ({ share }, stack) =>
    withRedis(stack, async (redis) => {
      const [, policy] = (await redis.config('GET', 'maxmemory-policy')) as [string, string];
      if (policy === 'allkeys-lru') return; // done before: once more would take a share of the share
      await redis.config('RESETSTAT');
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      const data = await figure(redis, 'memory', 'used_memory_dataset');
      const used = await figure(redis, 'memory', 'used_memory');
      await redis.config('SET', 'maxmemory', Math.round(used - data * (1 - share)));
    }),
  felt: (_parameters, stack) =>
    withRedis(stack, async (redis) => {
      const evicted = await figure(redis, 'stats', 'evicted_keys');
      return evicted > 0 ? `Redis has evicted ${evicted} keys` : undefined;
    }),
  recover: (_parameters, stack) => restoreMemory(stack),
  healed: (_parameters, stack) => takesWrites(stack),
};
