import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { CheckpointSummary, Verdict } from '../src/checker/verdict.ts';
import type { CheckpointName, RunRecord } from '../src/history/run-record.ts';
import { runCli, temporaryReports } from './support/cli.ts';

/** Milliseconds for one scenario from start to verdict on a busy machine. */
const TIMEOUT_MS = 240_000;

/** Runs a scenario as a user would and gives what it left, its verdict judged a second time. */
async function run(
  scenario: string,
): Promise<{ code: number | null; verdict: Verdict; record: RunRecord; at: At }> {
  using reports = temporaryReports();
  const { code, stdout, stderr } = await runCli(['run', scenario, '--seed', '7', '--json'], reports.path);
  expect(stdout, stderr).not.toBe('');
  // Whether it was as expected is known to the command that has the scenario; `verify` has the run alone.
  const [{ asExpected: _, ...verdict }] = JSON.parse(stdout) as [Verdict & { asExpected: boolean }];
  const folder = join(reports.path, 'latest');
  const record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunRecord;

  const again = await runCli(['verify', folder, '--json'], reports.path);
  expect(JSON.parse(again.stdout), 'verify judges the stored run alike').toEqual(verdict);
  expect(again.code).toBe(code);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain(verdict.sentence);
  return { code, verdict, record, at: (name) => checkpoint(verdict, name) };
}

type At = (name: CheckpointName) => CheckpointSummary;

function checkpoint(verdict: Verdict, name: CheckpointName): CheckpointSummary {
  const found = verdict.checkpoints.find((summary) => summary.name === name);
  if (!found) throw new Error(`no checkpoint ${name}`);
  return found;
}

const missing = ({ missing: stages }: CheckpointSummary) =>
  Object.values(stages).reduce((sum, each) => sum + each, 0);

test('steady-state: every event is there by itself', { timeout: TIMEOUT_MS }, async () => {
  const { code, verdict, at } = await run('steady-state');
  expect({ verdict: verdict.verdict, reasons: verdict.reasons, code }).toEqual({
    verdict: 'pass',
    reasons: [],
    code: 0,
  });
  expect(verdict.counts.acknowledged).toBe(verdict.counts.events);
  expect(at('settled').outcomes.ok).toBe(verdict.counts.events);
});

test('clickhouse-outage: jobs end in the failed set, and everything is brought back', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, verdict, at } = await run('clickhouse-outage');
  expect({ verdict: verdict.verdict, reasons: verdict.reasons, code }).toEqual({
    verdict: 'pass',
    reasons: [],
    code: 0,
  });
  expect(at('settled').failedSet).toBeGreaterThan(0);
  expect(at('settled').missing['failed-set']).toBeGreaterThan(0);
  expect(at('after-retry').outcomes['recovered-by-retry']).toBeGreaterThan(0);
  expect(missing(at('after-replay'))).toBe(0);
});

test('clickhouse-blip: loss that no queue shows, which only the replay brings back', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, verdict, at } = await run('clickhouse-blip');
  expect({ verdict: verdict.verdict, reasons: verdict.reasons, code }).toEqual({
    verdict: 'pass',
    reasons: [],
    code: 0,
  });
  expect(at('settled').failedSet).toBe(0);
  expect(at('after-retry').blindLoss).toBeGreaterThan(0);
  expect(at('after-retry').missing['s3-only']).toBe(at('after-retry').blindLoss);
  expect(at('after-replay').outcomes['recovered-by-replay']).toBe(at('after-retry').blindLoss);
});

test('clickhouse-blip without the replay fails and names each lost event with its stage', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, verdict, at } = await run(
    fileURLToPath(new URL('fixtures/blip-without-replay.ts', import.meta.url)),
  );
  expect({ verdict: verdict.verdict, code }).toEqual({ verdict: 'fail', code: 1 });
  const lost = verdict.findings.filter((finding) => finding.outcome === 'lost');
  expect(lost.length).toBeGreaterThan(0);
  expect(lost).toHaveLength(at('after-retry').outcomes.lost);
  expect(new Set(lost.map((finding) => finding.stages['after-retry']))).toEqual(new Set(['s3-only']));
});

test('clickhouse-dns: the table of answers while names are gone, and nothing is lost', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, verdict, record } = await run('clickhouse-dns');
  expect({ verdict: verdict.verdict, reasons: verdict.reasons, code }).toEqual({
    verdict: 'pass',
    reasons: [],
    code: 0,
  });
  const table = new Map(
    record.probes.map(({ label, endpoint, status }) => [`${label} | ${endpoint}`, status]),
  );
  const answers = (gone: string) => [
    table.get(`${gone} | POST /api/public/ingestion`),
    table.get(`${gone} | GET /api/public/traces`),
    table.get(`${gone} | GET /api/public/scores`),
    table.get(`${gone} | GET /api/public/health`),
    table.get(`${gone} | GET /api/public/ready`),
  ];
  expect(answers('all names resolve')).toEqual([207, 200, 200, 200, 200]);
  expect(answers('worker: name of ClickHouse gone')).toEqual([207, 200, 200, 200, 200]);
  expect(answers('web: name of ClickHouse gone')).toEqual([207, 500, 500, 200, 200]);
  expect(answers('web: name of S3 gone')).toEqual([500, 200, 200, 200, 200]);
  expect(answers('web: name of Redis gone')).toEqual([500, 200, 200, 200, 200]);
  expect(answers('web: name of Postgres gone')).toEqual([500, 500, 500, 200, 200]);
  const read = record.probes.find(
    ({ label, endpoint }) =>
      label === 'web: name of ClickHouse gone' && endpoint === 'GET /api/public/traces',
  );
  expect(read?.body).toContain('getaddrinfo ENOTFOUND');
});

test('worker-killed: rows in its buffer are lost blindly, and the replay brings them back', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, verdict, at } = await run('worker-killed');
  expect({ verdict: verdict.verdict, reasons: verdict.reasons, code }).toEqual({
    verdict: 'pass',
    reasons: [],
    code: 0,
  });
  expect(at('after-retry').blindLoss).toBeGreaterThan(0);
  expect(missing(at('after-replay'))).toBe(0);
});

test('runbook: nothing comes back by the common guide, all by the right steps', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, verdict, record, at } = await run('runbook');
  expect({ verdict: verdict.verdict, reasons: verdict.reasons, code }).toEqual({
    verdict: 'pass',
    reasons: [],
    code: 0,
  });
  expect(record.runbook?.map(({ step }) => step)).toEqual([
    'guide: see whether the queue is drained',
    'guide: count the failed jobs',
    'guide: add the failed jobs again',
    'guide: add them with a prefix',
    'guide: retry all at once',
    'guide: add the failed jobs again',
  ]);
  const jobs = record.runbook?.flatMap(({ jobs }) => jobs ?? []) ?? [];
  expect(jobs).toHaveLength(4);
  expect(jobs.every(({ tried, broughtBack }) => tried > 0 && broughtBack === 0)).toBe(true);
  expect(at('settled').missing['failed-set']).toBeGreaterThan(0);
  expect(at('after-retry').missing['failed-set']).toBe(0);
  expect(missing(at('after-replay'))).toBe(0);
});

test('redis-lost: jobs gone without a trace, which only the replay makes good', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, verdict, at } = await run('redis-lost');
  expect({ verdict: verdict.verdict, reasons: verdict.reasons, code }).toEqual({
    verdict: 'pass',
    reasons: [],
    code: 0,
  });
  expect(at('settled').failedSet).toBe(0);
  expect(at('settled').blindLoss).toBeGreaterThan(0);
  expect(at('after-replay').outcomes['recovered-by-replay']).toBe(at('after-retry').blindLoss);
});

test('clickhouse-wiped: what had been seen is gone, which fails though the replay makes it anew', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { code, verdict, at } = await run('clickhouse-wiped');
  expect({ verdict: verdict.verdict, codes: verdict.reasons.map((reason) => reason.code), code }).toEqual({
    verdict: 'fail',
    codes: ['vanished'],
    code: 1,
  });
  expect(at('settled').missing['s3-only']).toBeGreaterThan(0);
  expect(missing(at('after-replay'))).toBe(0);
});
