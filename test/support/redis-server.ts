import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { waitUntil } from '../../src/base/wait-until.ts';
import { choosePort } from '../../src/stack/embedded/ports.ts';
import { programPath } from '../../src/stack/embedded/programs.ts';

/** A Redis of one's own. */
export interface RedisServer extends AsyncDisposable {
  /** URL with the password in it. */
  readonly url: string;
  /** A plain connection, to look behind the harness's back. */
  readonly client: Redis;
  readonly pid: number;
  /** Ends it with SIGKILL; the append-only file stays for `start`. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
}

/** Starts a Redis server on a free loopback port, with a random password and an append-only file in a temporary folder. */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'langfuse-chaos-redis-'));
  const program = await programPath('redis');
  const password = randomBytes(12).toString('hex');
  const port = await choosePort(new Set());
  const client = new Redis(`redis://:${password}@127.0.0.1:${port}`, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 50,
  });
  client.on('error', () => {});

  const launch = () => {
    // The configuration goes through standard input: arguments can be read by every user of the machine.
    const child = spawn(program, ['-'], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end(`bind 127.0.0.1\nport ${port}\nrequirepass ${password}\nappendonly yes\nsave ""\n`);
    return child;
  };
  const isUp = () => waitUntil('Redis to answer', () => client.ping(), { timeoutMs: 10_000 });
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  let child = launch();
  await isUp();
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    client,
    pid: child.pid ?? 0,
    kill: end,
    start: async () => {
      child = launch();
      await isUp();
    },
    [Symbol.asyncDispose]: async () => {
      client.disconnect();
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
