import { existsSync, readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { CASES, type SelfTestCase } from '../src/run/selftest/cases.ts';
import { runCase, type SelfTestResult } from '../src/run/selftest/run-case.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import { runCli, temporaryReports } from './support/cli.ts';

/** Milliseconds for a few runs side by side on a busy machine. */
const TIMEOUT_MS = 240_000;

test('planted defects are named with outcome and stage, and no run folder stays', {
  timeout: TIMEOUT_MS,
}, async () => {
  using reports = temporaryReports();
  const args = ['selftest', 'wrong-project', 'none', 'skip-s3', 'merge-in-wrong-order', '--json'];
  const { code, stdout, stderr } = await runCli(args, reports.path);
  expect(stdout, stderr).not.toBe('');
  const results = JSON.parse(stdout) as SelfTestResult[];
  expect(results.map(({ defect, misses }) => ({ defect, misses }))).toEqual(
    // In the order of the list, whatever order they were named in.
    ['none', 'skip-s3', 'merge-in-wrong-order', 'wrong-project'].map((defect) => ({ defect, misses: [] })),
  );
  const said = new Map(results.map((result) => [result.defect, result.said.replaceAll(/×\d+/g, '×n')]));
  expect(said.get('none')).toBe('pass');
  expect(said.get('skip-s3')).toBe('lost · not-in-s3 ×n');
  expect(said.get('wrong-project')).toBe('lost · clickhouse-hidden ×n, unexpected ×n');
  expect(said.get('merge-in-wrong-order')).toContain('altered · metadata ×n');
  expect(stderr).toContain('4 of 4 named with the right outcome and stage');
  expect(code).toBe(0);
  expect(readdirSync(reports.path)).toEqual([]);
});

test('a verdict that is not the expected one is a miss, and its run folder stays', {
  timeout: TIMEOUT_MS,
}, async () => {
  using reports = temporaryReports();
  vi.stubEnv('LANGFUSE_CHAOS_REPORTS', reports.path);
  const cut = CASES.find(({ name }) => name === 'cut-long-input') as SelfTestCase;
  const expectLoss = {
    ...cut.expect,
    reasons: ['lost'],
    planted: [{ outcome: 'lost', stages: { settled: 's3-only' } }],
  } as const;
  const result = await runCase(
    { ...cut, expect: expectLoss },
    { seed: '1', startStack: startEmbeddedStack, signal: new AbortController().signal },
  ).finally(() => vi.unstubAllEnvs());
  expect(result.said).toMatch(/^altered · input ×\d+$/);
  expect(result.misses).toContain('its reasons are altered, not lost');
  expect(result.misses.join('\n')).toMatch(/event \S+ of \S+ is called altered, which is wrong/);
  expect(result.misses.join('\n')).toMatch(/\S+ was hit, and nothing of it is called lost/);
  expect(existsSync(`${result.folder}/verdict.json`)).toBe(true);
});

test('a defect that there is none of is named, with those there are', async () => {
  using reports = temporaryReports();
  const { code, stderr } = await runCli(['selftest', 'skip-s3', 'skip-s4'], reports.path);
  expect(stderr).toContain('There is no planted defect named "skip-s4".');
  expect(stderr).toContain('none, acknowledge-before-s3, skip-s3');
  expect(code).toBe(3);
  const jobs = await runCli(['selftest', '--jobs', 'many'], reports.path);
  expect(jobs.stderr).toContain('--jobs takes a whole number, not "many"');
  expect(jobs.code).toBe(3);
});
