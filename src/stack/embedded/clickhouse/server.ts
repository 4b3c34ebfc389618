/**
 * ClickHouse for the embedded stack: the real engine (chdb, ClickHouse 26.7) in a process of its own, behind
 * ClickHouse's HTTP interface as @clickhouse/client 1.4 to 1.23 use it. launch.ts says how to start it.
 *
 * It differs from a server in this: results are collected before they are sent, so an error never comes in the middle
 * of a result; `async_insert` runs at once; an INSERT without data is refused (108); queries have ids of the
 * engine's own, so `KILL QUERY WHERE query_id` does not know the caller's; sessions, roles, external tables, the native
 * protocol, clusters, users and query_log are absent.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChaosError, messageOf } from '../../../base/errors.ts';
import { type FrontConfig, readConfig } from './config.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { Engine } from './engine.ts';
import { createFront } from './front.ts';

/** Milliseconds that running requests are given to finish after SIGTERM, before they are cut off. */
const FINISH_MS = 2_000;

/**
 * Milliseconds after SIGTERM at which the process kills itself, should the engine not let go: `exit` waits for
 * every thread, and the data stand a SIGKILL at any time.
 */
const GIVE_UP_MS = 10_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const files = await prepareDataDirectory(config.dataDir);
  const engine = await Engine.open(files, config);
  const server = createFront(engine, config);
  await listen(server, config);
  process.once('SIGTERM', () => void stop(server, engine));
  process.once('SIGINT', () => void stop(server, engine));
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
}

function listen(server: Server, config: FrontConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE';
      reject(
        new ChaosError({
          code: busy ? 'E_CLICKHOUSE_PORT_BUSY' : 'E_CLICKHOUSE_LISTEN',
          happened: busy
            ? `Port ${config.port} on ${config.host} is taken by another process.`
            : `ClickHouse cannot listen on ${config.host}:${config.port}: ${error.message}.`,
          expected: 'a free port on a loopback address',
          remedy: 'end the other process, or name another port (0 takes a free one).',
          cause: error,
        }),
      );
    });
    server.listen(config.port, config.host, resolve);
  });
}

async function stop(server: Server, engine: Engine): Promise<void> {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GIVE_UP_MS).unref();
  const closed = new Promise((resolve) => server.close(resolve));
  setTimeout(() => server.closeAllConnections(), FINISH_MS).unref();
  await closed;
  await engine.close();
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ChaosError ? error.message : messageOf(error)}\n`);
  process.exit(1);
});
