/** How the stack's Redis handles memory when nothing is wrong: no limit, and nothing is evicted, as BullMQ asks for. */
export const REDIS_MEMORY = { maxmemory: '0', 'maxmemory-policy': 'noeviction' } as const;
