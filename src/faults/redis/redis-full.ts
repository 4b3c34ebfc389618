import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { logged } from '../logged.ts';
import { figure, redisSchema, restoreMemory, takesWrites, withRedis } from './connection.ts';

const schema = z.strictObject({
  on: redisSchema,
  headroomBytes: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'memory that is left above what is used at the injection, bytes; default: 0, every write that may need memory is refused at once',
    ),
});

/**
 * Redis has reached maxmemory and may evict nothing, as BullMQ asks for: whatever adds data is refused, reading and deleting go
 * on. Web answers 500, after the events are in S3; the worker can take no job.
 */
export const redisFull: Fault<z.infer<typeof schema>> = {
  name: 'redis-full',
  group: 'redis',
  summary: 'Redis is full and evicts nothing: commands that add data fail with an OOM error.',
  feltWhen: "the web's or the worker's own log names Redis's OOM error",
  healedWhen: 'Redis has no limit again and took a write',
  schema,
  inject: ({ headroomBytes }, stack) =>
    withRedis(stack, async (redis) => {
      const [, limit] = (await redis.config('GET', 'maxmemory')) as [string, string];
      if (limit !== '0') return; // done before
      // Below what any Redis uses: what it uses now may be less in a moment.
      const maximum =
        headroomBytes === 0 ? 1 : (await figure(redis, 'memory', 'used_memory')) + headroomBytes;
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      await redis.config('SET', 'maxmemory', maximum);
    }),
  felt: (_parameters, stack, _since, logs) =>
    logged(['web', 'worker'], stack, logs, /OOM command not allowed when used memory > 'maxmemory'/),
  recover: (_parameters, stack) => restoreMemory(stack),
  healed: (_parameters, stack) => takesWrites(stack),
};
