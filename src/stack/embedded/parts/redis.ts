import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { dataFolderOf } from '../../folder.ts';
import { REDIS_MEMORY } from '../../redis-memory.ts';
import { HOST } from '../ports.ts';
import { programPath } from '../programs.ts';
import type { StackState } from '../state.ts';
import { redisUrl } from '../urls.ts';
import { type Part, PROBE_TIMEOUT_MS } from './part.ts';

const CONFIG = 'redis.conf';

/**
 * Redis. With the append-only file it loses nothing in a kill: what was answered was written to the file, and only a loss
 * of power would reach what the disk has not yet. Without, it saves snapshots as in Langfuse's docker-compose.yml, so a
 * kill takes what came after the last one.
 */
export const redisPart: Part = {
  name: 'redis',
  tcp: ['redis'],
  udp: [],
  stopSignal: 'SIGTERM',
  async prepare(folder, state) {
    await writeFile(join(dataFolderOf(folder, 'redis'), CONFIG), configOf(state), { mode: 0o600 });
  },
  launch: async (_folder, { ports }) => ({
    command: await programPath('redis'),
    args: [CONFIG, '--port', String(ports.redis)],
    env: {},
  }),
  probe: (_folder, { ports, secrets }) => askRedis(redisUrl(HOST, ports.redis, secrets.redisPassword)),
};

/** Asks a Redis for its version. @throws when it does not answer, or the password is wrong */
export async function askRedis(url: string): Promise<string | undefined> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PROBE_TIMEOUT_MS,
    commandTimeout: PROBE_TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // Without a listener ioredis prints the error that connect() rejects with as well.
  redis.on('error', () => {});
  try {
    await redis.connect();
    const info = await redis.info('server');
    return /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1];
  } finally {
    redis.disconnect();
  }
}

/** In a file rather than as arguments, which any user of the machine can read. */
function configOf({ secrets, redisAppendOnly }: StackState): string {
  return [
    `bind ${HOST}`,
    `requirepass ${secrets.redisPassword}`,
    ...Object.entries(REDIS_MEMORY).map((setting) => setting.join(' ')),
    // It would write over its environment, by which its stack is known.
    'set-proc-title no',
    ...(redisAppendOnly ? ['appendonly yes', 'appendfsync everysec', 'save ""'] : ['appendonly no']),
    '',
  ].join('\n');
}
