import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { clickhouseLaunch } from './launch.ts';

const options = {
  dataDir: '/data',
  host: '127.0.0.1',
  port: 18123,
  user: 'clickhouse',
  password: 'secret',
  database: 'langfuse',
  compatibility: '24.3',
  displayName: 'run 1',
};

test('the process reads back what it was launched with', () => {
  const spec = clickhouseLaunch(options);
  expect(readConfig(spec.env)).toEqual({ ...options, threads: 64 });
  expect(spec.command).toBe(process.execPath);
  expect(existsSync(spec.args.at(-1) ?? '')).toBe(true);
  expect(spec.args.join(' ')).not.toContain('secret');
});

test.each([
  ['CLICKHOUSE_FRONT_HOST', '0.0.0.0', 'must be a loopback address'],
  ['CLICKHOUSE_FRONT_PORT', '70000', 'CLICKHOUSE_FRONT_PORT'],
  ['CLICKHOUSE_FRONT_DATA_DIR', 'relative', 'must be an absolute path'],
  ['CLICKHOUSE_FRONT_DISPLAY_NAME', 'a\r\nb', 'must be printable ASCII'],
  ['UV_THREADPOOL_SIZE', '4', 'UV_THREADPOOL_SIZE'],
  ['TZ', 'Europe/Berlin', 'TZ'],
])('%s=%s is refused', (name, value, reason) => {
  const { env } = clickhouseLaunch(options);
  expect(() => readConfig({ ...env, [name]: value })).toThrow(reason);
  expect(() => readConfig({ ...env, [name]: undefined })).toThrow(name);
});

test('the refusal does not show the password', () => {
  const { env } = clickhouseLaunch(options);
  expect(() => readConfig({ ...env, TZ: 'x' })).not.toThrow(/secret/);
});
