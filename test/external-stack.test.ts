import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { proxyOf } from '../src/faults/proxy.ts';
import { lookAtProject } from '../src/langfuse/foreign-trace.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import { stacksFolder } from '../src/stack/folder.ts';
import type { Stack } from '../src/stack/stack.ts';
import { stateIn } from '../src/stack/state.ts';
import { runCli, startCli, temporaryReports } from './support/cli.ts';
import { describeStack, rights, secretsOf, writeTarget } from './support/external.ts';
import { dropFailed } from './support/ingestion-jobs.ts';
import { sendTrace, untilLanded } from './support/stack.ts';

/*
 * The external stack, pointed at an embedded one that stands for somebody's staging: with its Toxiproxy, and with commands that kill and
 * start its worker.
 */

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
const TIMEOUT_MS = 180_000;

let staging: Stack;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'external-'));
  const quick = { REFERENCE_BACKOFF_SCALE: '0.1' };
  // As in the scenario steady-state: jobs that start at once overtake each other, and v3.36.0 then loses an update without any fault.
  const web = { ...quick, LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' };
  staging = await startEmbeddedStack({ settings: { web, worker: quick } });
  Object.assign(process.env, secretsOf(staging));
});
afterAll(async () => {
  for (const name of Object.keys(secretsOf(staging))) delete process.env[name];
  await staging[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const checkOnly = () => writeTarget(folder, 'check', describeStack(staging));
const withRights = (abort: Readonly<Record<string, unknown>> = {}) =>
  writeTarget(folder, 'rights', { ...describeStack(staging), ...rights(staging, abort) });
const externalStacks = () =>
  readdirSync(stacksFolder()).filter((id) => stateIn(join(stacksFolder(), id))?.spec.kind === 'external');

interface Judged {
  readonly verdict: string;
  readonly counts: { readonly acknowledged: number };
  readonly reasons: readonly { readonly code: string }[];
}

/** What `run --json` printed, and the run's record. */
function resultOf(reports: string, stdout: string) {
  const [verdict] = JSON.parse(stdout) as Judged[];
  const run = JSON.parse(readFileSync(join(reports, 'latest', 'run.json'), 'utf8')) as {
    command: string;
    phases: { name: string }[];
    versions: Record<string, string>;
    faults: { felt?: string; recoveredAt?: number; healedAt?: number }[];
  };
  return { verdict, run };
}

const stagingIsWell = async () =>
  (await proxyOf(staging, 'worker→clickhouse')).enabled && (await staging.component('worker').answers());

test('without any right it is checked, and no secret is written down', { timeout: TIMEOUT_MS }, async () => {
  using reports = temporaryReports();
  const { code, stdout, stderr } = await runCli(
    ['run', fixture('external-check'), '--seed', '1', '--json', '--stack', checkOnly()],
    reports.path,
  );
  expect(code, stderr).toBe(0);
  const { verdict, run } = resultOf(reports.path, stdout);
  expect(verdict).toMatchObject({ verdict: 'pass', reasons: [] });
  expect(verdict?.counts.acknowledged).toBeGreaterThan(20);
  expect(run.versions.langfuse).toMatch(/^\d/);
  expect(run.command).not.toContain('--seed');
  const phases = run.phases.map(({ name }) => name);
  expect(phases).toEqual(expect.arrayContaining(['look at the target', 'checkpoint heal']));
  expect(externalStacks()).toEqual([]);
  const files = readdirSync(reports.path, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  const secrets = Object.entries(secretsOf(staging)).filter(([name]) => /SECRET|PASSWORD/.test(name));
  for (const file of files) {
    const text = readFileSync(join(file.parentPath, file.name), 'latin1');
    for (const [name, secret] of secrets)
      expect(text.includes(secret), `${name} in ${file.name}`).toBe(false);
  }

  const again = await runCli(
    ['run', fixture('external-check'), '--seed', '1', '--stack', checkOnly()],
    reports.path,
  );
  expect(again.code, again.stderr).toBe(3);
  expect(again.stderr).toContain('the same traffic was sent there before');
  // It sent nothing: there is nothing to judge, and the run before is still the latest.
  expect(again.stdout + again.stderr).not.toContain('langfuse-chaos verify');
  expect(resultOf(reports.path, stdout).run.phases).toHaveLength(phases.length);

  const faults = await runCli(
    ['run', fixture('external-fault'), '--yes-inject-faults', '--stack', checkOnly()],
    reports.path,
  );
  expect(faults.code, faults.stderr).toBe(3);
  expect(faults.stderr).toContain('refused on worker→clickhouse: its owner has not listed it');

  const recovery = await runCli(['recover', '--dry-run', '--stack', checkOnly()], reports.path);
  expect(recovery.code, recovery.stderr).toBe(0);
  expect(recovery.stdout).toMatch(/replay from S3: 0 entities\n {2}left alone: \d+, whole/);
  const changing = await runCli(['recover', '--stack', checkOnly()], reports.path);
  expect(changing.stderr).toContain("the target's owner has not allowed it");
});

test('a fault that is listed is injected, felt and undone, once somebody has agreed', {
  timeout: TIMEOUT_MS,
}, async () => {
  using reports = temporaryReports();
  const unasked = await runCli(['run', fixture('external-fault'), '--stack', withRights()], reports.path);
  expect(unasked.code).toBe(3);
  expect(unasked.stderr).toContain('Nobody has agreed to faults at staging');
  for (const scenario of ['external-fault', 'external-kill']) {
    const { code, stdout, stderr } = await runCli(
      ['run', fixture(scenario), '--json', '--yes-inject-faults', '--stack', withRights()],
      reports.path,
    );
    expect(code, stderr).toBe(0);
    const { verdict, run } = resultOf(reports.path, stdout);
    expect(verdict).toMatchObject({ verdict: 'pass', reasons: [] });
    // A request that was under way when the link was cut ends otherwise than one that comes after.
    expect(run.faults[0]?.felt).toMatch(
      /a job of the worker failed since with ".*(ECONNREFUSED|ECONNRESET|socket hang up)|worker is gone/,
    );
    expect(run.faults[0]?.healedAt).toBeDefined();
    expect(await stagingIsWell()).toBe(true);
  }
});

test('an abort condition undoes everything, and the run is unknown', { timeout: TIMEOUT_MS }, async () => {
  using reports = temporaryReports();
  const stack = withRights({ queueLength: { above: '40 jobs' } });
  const { code, stdout, stderr } = await runCli(
    ['run', fixture('external-long-fault'), '--json', '--yes-inject-faults', '--stack', stack],
    reports.path,
  );
  expect(code, stderr).toBe(2);
  const { verdict, run } = resultOf(reports.path, stdout);
  expect(verdict?.verdict).toBe('unknown');
  expect(verdict?.reasons.map((reason) => reason.code)).toContain('aborted');
  expect(stderr).toContain('more than 40 are not allowed (abort.queueLength)');
  expect(run.faults[0]?.recoveredAt).toBeDefined();
  expect(await stagingIsWell()).toBe(true);
  expect(externalStacks()).toEqual([]);
});

test('only one run uses it at a time; kill -9 in the middle of a fault: the watchdog undoes it', {
  timeout: TIMEOUT_MS,
}, async () => {
  using reports = temporaryReports();
  const args = ['run', fixture('external-long-fault'), '--yes-inject-faults', '--stack', withRights()];
  let said = '';
  const injected = Promise.withResolvers<void>();
  const { child, finished } = startCli(args, reports.path, (text) => {
    said += text;
    if (said.includes('injected')) injected.resolve();
  });
  await Promise.race([
    injected.promise,
    finished.then(({ stderr }) => injected.reject(new Error(`ended early: ${stderr}`))),
  ]);
  expect((await proxyOf(staging, 'worker→clickhouse')).enabled).toBe(false);
  const [id] = externalStacks();
  expect(id).toBeDefined();
  const state = readFileSync(join(stacksFolder(), id ?? '', 'state.json'), 'utf8');
  for (const [name, secret] of Object.entries(secretsOf(staging)))
    if (/SECRET|PASSWORD/.test(name)) expect(state.includes(secret), name).toBe(false);
  const second = await runCli(['run', fixture('external-check'), '--stack', checkOnly()], reports.path);
  expect(second.code, second.stderr).toBe(4);
  expect(second.stderr).toContain('Another run on this machine uses staging');
  expect((await proxyOf(staging, 'worker→clickhouse')).enabled).toBe(false);
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  await waitUntil('the fault to be undone', stagingIsWell, { timeoutMs: 60_000 });
  await waitUntil('the watchdog to be done', () => externalStacks().length === 0, { timeoutMs: 60_000 });
});

test('traces that were made of spans of the harness are its own, wherever a version keeps their marks', async () => {
  await using client = createClient(staging.access.clickhouse);
  const at = Date.UTC(2026, 0, 1);
  const foreign = async (project_id: string, metadata: Readonly<Record<string, string>>) => {
    const row = { project_id, id: 't', name: 'a name', timestamp: at, event_ts: at, is_deleted: 0, metadata };
    await client.insert({ table: 'traces', values: [row], format: 'JSONEachRow' });
    return (await lookAtProject(staging.access.clickhouse, project_id)).foreign;
  };
  const ofSpan = JSON.stringify({ 'langfuse.observation.metadata.chaos_1a': 's' });
  const ofTrace = JSON.stringify({ 'langfuse.trace.metadata.chaostrace_1b': 't' });
  expect(
    await foreign('spans', { attributes: ofSpan, resourceAttributes: '{}', scope: '{}' }),
  ).toBeUndefined();
  expect(await foreign('root spans', { attributes: ofTrace })).toBeUndefined();
  expect(await foreign('converted', { chaostrace_1b: 't' })).toBeUndefined();
  expect(await foreign('theirs', { attributes: '{"chaos":"chaos_1"}' })).toEqual({ id: 't', name: 'a name' });
});

test("another project's key, variables that are not set, and a project with traces of others are refused before anything is sent", {
  timeout: TIMEOUT_MS,
}, async () => {
  using reports = temporaryReports();
  const described = describeStack(staging);
  const project = described.project as Record<string, unknown>;
  const mistaken = writeTarget(folder, 'mistaken', { ...described, project: { ...project, id: 'another' } });
  const other = await runCli(['run', fixture('external-check'), '--stack', mistaken], reports.path);
  expect(other.code).toBe(4);
  expect(other.stderr).toContain(
    `the key is that of the project ${staging.target.projectId}, and the file says another`,
  );
  const unset = writeTarget(folder, 'unset', {
    ...described,
    project: { ...project, secretKey: { env: 'NOT_SET_ANYWHERE' } },
  });
  const missing = await runCli(['run', fixture('external-check'), '--stack', unset], reports.path);
  expect(missing.code).toBe(3);
  expect(missing.stderr).toContain('are not set: NOT_SET_ANYWHERE');

  const { id } = await sendTrace(staging);
  await untilLanded(staging, id);
  const shared = await runCli(['run', fixture('external-check'), '--stack', checkOnly()], reports.path);
  expect(shared.code).toBe(4);
  expect(shared.stderr).toContain(`holds traces that the harness has not sent, such as ${id} ("a trace")`);
  // Jobs of the runs before that failed for good would have to be brought back, which the file does not allow.
  await dropFailed(staging.access.redis.url);
  const said = writeTarget(folder, 'shared', { ...described, sharedProject: true });
  const taken = await runCli(['run', fixture('external-check'), '--stack', said], reports.path);
  expect(taken.code, taken.stdout).toBe(0);
});
