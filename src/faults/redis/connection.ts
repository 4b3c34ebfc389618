import type { Redis } from 'ioredis';
import { z } from 'zod';
import { asked, connect } from '../../langfuse/redis.ts';
import { REDIS_MEMORY } from '../../stack/redis-memory.ts';
import type { Stack } from '../../stack/stack.ts';

/** What a fault of this group hits. */
export const redisSchema = z.literal('redis');

/** Asks Redis something, past every link. @throws ChaosError `E_REDIS` */
export async function withRedis<T>(stack: Stack, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = await connect(stack.access.redis.url);
  try {
    return await asked(ask(redis));
  } finally {
    redis.disconnect();
  }
}

/** A number of `INFO`, such as `used_memory`. */
export async function figure(redis: Redis, section: string, name: string): Promise<number> {
  const found = new RegExp(`^${name}:(\\d+)`, 'm').exec(await redis.info(section))?.[1];
  if (found === undefined) throw new Error(`Redis does not tell its ${name}`);
  return Number(found);
}

/** Puts the stack's own limit and policy back. A Redis that is not there has lost the others with its process. */
export async function restoreMemory(stack: Stack): Promise<void> {
  if ((await stack.component('redis').state()) === 'exited') return;
  await withRedis(stack, async (redis) => {
    for (const [name, value] of Object.entries(REDIS_MEMORY)) await redis.config('SET', name, value);
  });
}

/** Whether Redis has its own limit again and takes a write. */
export function takesWrites(stack: Stack): Promise<string | undefined> {
  return withRedis(stack, async (redis) => {
    // Refused like every other write while there is no room; gone a millisecond later.
    await redis.set('langfuse-chaos:look', '1', 'PX', 1);
    const [, limit] = (await redis.config('GET', 'maxmemory')) as [string, string];
    return limit === REDIS_MEMORY.maxmemory ? 'Redis took a write, and has no limit of memory' : undefined;
  });
}
