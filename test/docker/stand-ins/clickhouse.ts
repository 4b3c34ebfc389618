/**
 * Stands in for ClickHouse's image: the embedded stack's engine and front, by the image's variables. The front listens on the
 * loopback address only, so the port of the container is passed on to it.
 */
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { clickhouseLaunch } from '../../../src/stack/embedded/clickhouse/launch.ts';

const PORT = 8123;
const INSIDE = { host: '127.0.0.1', port: 18_123 };

const { CLICKHOUSE_USER = '', CLICKHOUSE_PASSWORD = '', CLICKHOUSE_DB = '' } = process.env;
const launch = clickhouseLaunch({
  dataDir: '/var/lib/clickhouse/data',
  ...INSIDE,
  user: CLICKHOUSE_USER,
  password: CLICKHOUSE_PASSWORD,
  database: CLICKHOUSE_DB,
  compatibility: '24.3',
  displayName: 'stand-in',
});
const engine = spawn(launch.command, launch.args, {
  env: { ...process.env, ...launch.env },
  stdio: ['ignore', 'inherit', 'inherit'],
});
engine.once('exit', (code) => process.exit(code ?? 1));
process.on('SIGTERM', () => engine.kill('SIGTERM'));

createServer((outside) => {
  const inside = connect(INSIDE);
  for (const [one, other] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}).listen(PORT, '0.0.0.0');
