import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { setUpDockerTools } from '../../setup/docker-tools.mjs';
import { ChaosError } from '../../src/base/errors.ts';
import { waitUntil } from '../../src/base/wait-until.ts';
import type { Verdict } from '../../src/checker/verdict.ts';
import { openFaults } from '../../src/run/journal.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { attachStack, startStack } from '../../src/stack/stacks.ts';
import { runCli, startCli, temporaryReports } from '../support/cli.ts';
import { ask, queryClickHouse, sendTrace, untilLanded } from '../support/stack.ts';
import { openEngine, type TestEngine, whyNoDocker } from './support/docker-engine.ts';
import { inContainer, leftOf } from './support/left.ts';
import { buildStandIns } from './support/stand-in-images.ts';

/** The first time it installs Docker, builds its compose plugin, bootstraps a Debian and makes an image of it. */
const SET_UP_MS = 1_200_000;
const SCENARIO_MS = 300_000;
const GONE_MS = 60_000;

const run = promisify(execFile);
const reason = await whyNoDocker();
if (reason) console.warn(`The tests of the docker stack are skipped: ${reason}.`);

describe.skipIf(reason !== undefined)('the docker stack', () => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await openEngine();
    Object.assign(process.env, await buildStandIns(), { TESTCONTAINERS_RYUK_RECONNECTION_TIMEOUT: '2s' });
  }, SET_UP_MS);
  afterAll(() => engine?.[Symbol.asyncDispose](), 120_000);

  describe('scenarios', () => {
    const runScenario = async (name: string) => {
      using reports = temporaryReports();
      const args = ['run', name, '--seed', '7', '--stack', 'docker', '--json'];
      const { code, stdout, stderr } = await runCli(args, reports.path);
      expect(stdout, stderr).not.toBe('');
      const [verdict] = JSON.parse(stdout) as [Verdict];
      const folder = join(reports.path, 'latest');
      const logs = readdirSync(join(folder, 'logs'));
      const settled = verdict.checkpoints.find((each) => each.name === 'settled');
      const afterRetry = verdict.checkpoints.find((each) => each.name === 'after-retry');
      expect({ verdict: verdict.verdict, reasons: verdict.reasons, code }).toEqual({
        verdict: 'pass',
        reasons: [],
        code: 0,
      });
      return { verdict, logs, settled, afterRetry };
    };

    test('steady-state: every event is there by itself, and every container has left its log', {
      timeout: SCENARIO_MS,
    }, async () => {
      const { verdict, logs, settled } = await runScenario('steady-state');
      expect(settled?.outcomes.ok).toBe(verdict.counts.events);
      const names = [
        'clickhouse',
        'dns',
        'http-proxy',
        'postgres',
        'redis',
        's3',
        'toxiproxy',
        'web',
        'worker',
      ];
      expect(logs).toEqual(expect.arrayContaining(names.map((name) => `${name}.log`)));
    });

    test('clickhouse-blip: loss that no queue shows, which only the replay brings back', {
      timeout: SCENARIO_MS,
    }, async () => {
      const { verdict, settled, afterRetry } = await runScenario('clickhouse-blip');
      expect(settled?.failedSet).toBe(0);
      expect(afterRetry?.blindLoss).toBeGreaterThan(0);
      expect(verdict.checkpoints.at(-1)?.outcomes['recovered-by-replay']).toBe(afterRetry?.blindLoss);
    });

    test('clickhouse-dns: each name goes for the right process, and comes back', {
      timeout: SCENARIO_MS,
    }, async () => {
      const { verdict } = await runScenario('clickhouse-dns');
      expect(verdict.checkpoints.at(-1)?.outcomes.lost).toBe(0);
    });
  });

  test('kill -9 of the harness in the middle of a fault: the watchdog removes every container', {
    timeout: SCENARIO_MS,
  }, async () => {
    using reports = temporaryReports();
    const scenario = fileURLToPath(new URL('../fixtures/fault-at-once.ts', import.meta.url));
    let said = '';
    const felt = Promise.withResolvers<void>();
    const { child, finished } = startCli(['run', scenario, '--stack', 'docker'], reports.path, (text) => {
      said += text;
      if (said.includes('felt after')) felt.resolve();
    });
    finished.then(({ stderr }) => felt.reject(new Error(`ended early: ${stderr}`)));
    await felt.promise;
    const [runFolder = ''] = readdirSync(reports.path).filter((name) => name !== 'latest');
    const journal = join(reports.path, runFolder, 'journal.jsonl');
    const stackFolder = openFaults(journal)[0]?.stackFolder ?? '';
    const id = stackFolder.slice(stackFolder.lastIndexOf('/') + 1);
    expect((await leftOf(id)).length).toBeGreaterThanOrEqual(10);
    child.kill('SIGKILL');
    await waitUntil('nothing to be left', async () => (await leftOf(id)).length === 0, {
      timeoutMs: GONE_MS,
    });
    await waitUntil('the watchdog to be done', () => openFaults(journal).length === 0, {
      timeoutMs: GONE_MS,
    });
    expect(existsSync(stackFolder)).toBe(false);
  });

  test("kill -9 of a harness that has no watchdog: testcontainers' reaper removes every container, and down the rest", {
    timeout: SCENARIO_MS,
  }, async () => {
    const harness = fileURLToPath(new URL('support/harness.ts', import.meta.url));
    const child = spawn(process.execPath, [harness], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const [id] = (await once(lines, 'line')) as [string];
    expect((await leftOf(id)).length).toBeGreaterThanOrEqual(10);
    child.kill('SIGKILL');
    await waitUntil('nothing to be left', async () => (await leftOf(id)).length === 0, {
      timeoutMs: GONE_MS,
    });
    using reports = temporaryReports();
    const down = await runCli(['down'], reports.path);
    expect(down.code, down.stderr).toBe(0);
    expect(`${down.stdout}${down.stderr}`).toContain(id);
  });

  describe('what can go wrong at the start', () => {
    const failureOf = async (start: Promise<Stack>): Promise<ChaosError> => {
      const error = await start.then(
        (stack) => stack[Symbol.asyncDispose]().then(() => new Error('it was started')),
        (reason: unknown) => reason,
      );
      if (!(error instanceof ChaosError)) throw error;
      return error;
    };

    test('an image that nobody has', { timeout: SCENARIO_MS }, async () => {
      const before = process.env.LANGFUSE_CHAOS_IMAGE_WORKER;
      onTestFinished(() => {
        process.env.LANGFUSE_CHAOS_IMAGE_WORKER = before;
      });
      process.env.LANGFUSE_CHAOS_IMAGE_WORKER = 'localhost:1/nobody/has-it:1.2.3';
      const { code, message } = await failureOf(startStack({ spec: { kind: 'docker' } }));
      expect(code).toBe('E_DOCKER_IMAGE');
      expect(message).toContain('nobody/has-it');
    });

    test('a process that ends: its last words are in the error, and nothing is left', {
      timeout: SCENARIO_MS,
    }, async () => {
      let id = '';
      const before = new Set(await allProjects());
      const { code, message } = await failureOf(
        startStack({ spec: { kind: 'docker' }, settings: { web: { CLICKHOUSE_URL: 'nowhere' } } }),
      );
      id = (await allProjects()).filter((project) => !before.has(project)).join();
      expect(code).toBe('E_STACK_START');
      expect(message).toContain('The container web ended while it was started.');
      expect(message).toContain('CLICKHOUSE_URL');
      expect(id).toBe('');
    });

    test('no engine', { timeout: SCENARIO_MS }, async () => {
      using reports = temporaryReports();
      const before = process.env.DOCKER_HOST;
      process.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
      const refused = runCli(['run', 'steady-state', '--stack', 'docker'], reports.path);
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
      const { code, stderr } = await refused;
      expect(`${code} ${stderr}`).toMatch(/^4 .*E_DOCKER_ENGINE/s);
      expect(stderr).toContain('an engine at unix:///nowhere/docker.sock');
    });
  });

  test('up: ready when an event has landed; it outlives its process, and down ends it', {
    timeout: SCENARIO_MS,
  }, async () => {
    using reports = temporaryReports();
    // This process may have one of its own, which lives as long as it.
    const before = await reapers();
    const up = await runCli(['up', '--stack', 'docker', '--detach', '--json'], reports.path);
    expect(up.code, up.stderr).toBe(0);
    expect(up.stderr).toContain('an event landed');
    const { id, target } = JSON.parse(up.stdout) as Pick<Stack, 'id' | 'target'>;
    // Left behind by a failure it would outlive its engine, and `down` of every later test would say so.
    await using _ended = {
      [Symbol.asyncDispose]: async () => void (await runCli(['down', id], reports.path)),
    };
    // Whoever removes the containers of a process that has ended has then done so.
    const since = async () => (await reapers()).filter((id) => !before.includes(id));
    await waitUntil('every reaper of it to end', async () => (await since()).length === 0, {
      timeoutMs: 30_000,
    });
    expect((await fetch(`${target.url}/api/public/health`)).status).toBe(200);
    const down = await runCli(['down'], reports.path);
    expect(down.code, down.stderr).toBe(0);
    expect(await leftOf(id)).toEqual([]);
  });

  describe('one stack', () => {
    let stack: Stack;
    beforeAll(async () => {
      // The version to be replaced by: the same stand-ins under other names.
      for (const process of ['web', 'worker']) {
        const image = `langfuse-chaos-stand-in/${process}`;
        await run('docker', ['tag', `${image}:1`, `${image}:2`]);
        vi.stubEnv(`LANGFUSE_CHAOS_OTHER_IMAGE_${process.toUpperCase()}`, `${image}:2`);
      }
      stack = await startStack({
        spec: { kind: 'docker' },
        other: { kind: 'docker', version: '3.36.1' },
      });
    }, SCENARIO_MS);
    afterAll(() => stack?.[Symbol.asyncDispose](), GONE_MS);

    test('a trace lands; another process can take hold of the stack', async () => {
      const { id, status } = await sendTrace(stack);
      expect(status).toBe(207);
      await untilLanded(stack, id);
      const again = await attachStack(stack.folder);
      expect(again.target).toEqual(stack.target);
      expect(await again.component('web').state()).toBe('running');
    });

    test('web and worker know names only, through our DNS server', async () => {
      const lookUp = (service: string, name: string) =>
        inContainer(stack.id, service, [
          'node',
          '--no-warnings',
          '-e',
          `require('node:dns').lookup('${name}', (error, address) => console.log(error?.code ?? address))`,
        ]);
      for (const process of ['web', 'worker'] as const) {
        const since = Date.now() - 1;
        expect(await lookUp(process, 'clickhouse.chaos.test')).toBe('127.0.0.1');
        // The name that Docker itself would resolve.
        expect(await lookUp(process, 'clickhouse')).toBe('ENOTFOUND');
        const asked = (await stack.dns.queries(since)).filter(({ from }) => from === process);
        expect(asked.map(({ transport }) => transport)).toEqual(expect.arrayContaining(['udp', 'tcp']));
      }
    });

    test("musl's resolver meets what glibc's meets", { timeout: SCENARIO_MS }, async () => {
      const program = await muslLookUp();
      await run('docker', ['cp', program, `langfuse-chaos-${stack.id}-worker-1:/tmp/lookup`]);
      const musl = (name: string) => inContainer(stack.id, 'worker', ['/tmp/lookup', name]);
      const name = stack.dns.nameOf('clickhouse');
      expect(await musl(name)).toBe('127.0.0.1');
      await stack.dns.setFault('worker', name, { kind: 'nxdomain' });
      expect(await musl(name)).toBe('EAI_NONAME');
      await stack.dns.setFault('worker', name, { kind: 'servfail' });
      expect(await musl(name)).toBe('EAI_AGAIN');
      await stack.dns.clearFault('worker', name);
      expect(await musl(name)).toBe('127.0.0.1');
    });

    test.for([
      'redis',
      'postgres',
      's3',
      'clickhouse',
      'worker',
      'web',
      'toxiproxy',
      'dns',
      'http-proxy',
    ] as const)(
      '%s is killed, started, paused, resumed, and a trace lands again',
      { timeout: SCENARIO_MS },
      async (name) => {
        const component = stack.component(name);
        const before = await component.startedAt();
        await component.kill();
        expect(await component.state()).toBe('exited');
        expect(await component.answers()).toBe(false);
        await component.start();
        expect(await component.state()).toBe('running');
        expect(await component.startedAt()).toBeGreaterThan(before);
        await component.pause();
        await component.pause();
        expect(await component.state()).toBe('paused');
        await expect(component.start()).rejects.toThrow('it is paused');
        await component.resume();
        expect(await component.answers()).toBe(true);
        await waitUntil(
          'a trace to land',
          async () => {
            const { status, id } = await sendTrace(stack);
            if (status !== 207) return false;
            await untilLanded(stack, id);
            return true;
          },
          { timeoutMs: 60_000 },
        );
      },
    );

    test('stop: SIGTERM, and SIGKILL for one that stays; the log goes on over the starts', {
      timeout: SCENARIO_MS,
    }, async () => {
      const worker = stack.component('worker');
      const size = await worker.logSize();
      await worker.stop(500);
      expect(await worker.state()).toBe('exited');
      await worker.start();
      expect(await worker.logSize()).toBeGreaterThan(size);
      expect((await worker.log(100, size)).length).toBeGreaterThan(0);
    });

    test('a rule of the HTTP proxy is met by the process it is for', { timeout: SCENARIO_MS }, async () => {
      const since = Date.now();
      await stack.http.setRule('web→s3', {
        match: { method: 'PUT' },
        action: { kind: 'answer', status: 503, headers: {}, body: '' },
      });
      expect((await sendTrace(stack)).status).toBe(500);
      expect((await stack.http.hits('web→s3', since)).length).toBeGreaterThan(0);
      await stack.http.clearRule('web→s3');
      expect((await sendTrace(stack)).status).toBe(207);
      const exchanges = await stack.exchanges('web→s3');
      expect(exchanges.some(({ received }) => received > 0)).toBe(true);
    });

    test('the worker is replaced by another version, and back again; all logs are kept', {
      timeout: SCENARIO_MS,
    }, async () => {
      const imageOf = async () =>
        (
          await run('docker', [
            'inspect',
            '--format',
            '{{.Config.Image}}',
            `langfuse-chaos-${stack.id}-worker-1`,
          ])
        ).stdout.trim();
      const spec = await stack.replace?.('worker', 'other');
      expect(spec).toEqual({ kind: 'docker', version: '3.36.1' });
      expect(await imageOf()).toBe('langfuse-chaos-stand-in/worker:2');
      const { id } = await sendTrace(stack);
      await untilLanded(stack, id);
      await stack.replace?.('worker', 'own');
      expect(await imageOf()).toBe('langfuse-chaos-stand-in/worker:1');
      await stack.gatherLogs?.();
      const logs = readdirSync(join(stack.folder, 'logs'));
      expect(logs).toEqual(
        expect.arrayContaining(['worker.log', 'worker-before-1.log', 'worker-before-2.log']),
      );
    });

    test('ClickHouse loses its data', { timeout: SCENARIO_MS }, async () => {
      const clickhouse = stack.component('clickhouse');
      await clickhouse.kill();
      await stack.clickhouse.wipe();
      await clickhouse.start();
      expect(await queryClickHouse(stack, "SELECT count() FROM system.tables WHERE name = 'traces'")).toBe(
        '0',
      );
      await stack.component('web').stop(500);
      await stack.component('web').start();
      const { id } = await sendTrace(stack);
      await untilLanded(stack, id);
    });

    test('the clock of one process is set', async () => {
      await stack.clock.setOffset('web', 3_600_000);
      await ask(stack, '/api/public/health');
      expect((await stack.clock.readingOf('web')).offsetMs).toBe(3_600_000);
      expect((await stack.clock.readingOf('worker')).offsetMs).toBe(0);
      await stack.clock.setOffset('web', 0);
      expect((await stack.clock.readingOf('web')).offsetMs).toBe(0);
    });
  });
});

/** Ids of the running containers of testcontainers' reaper. */
async function reapers(): Promise<string[]> {
  const filter = `ancestor=${process.env.RYUK_CONTAINER_IMAGE}`;
  const { stdout } = await run('docker', ['ps', '--quiet', '--filter', filter]);
  return stdout.split('\n').filter((line) => line !== '');
}

/** The compose projects of the engine. */
async function allProjects(): Promise<string[]> {
  const { stdout } = await run('docker', [
    'ps',
    '--all',
    '--format',
    '{{.Label "com.docker.compose.project"}}',
  ]);
  return [...new Set(stdout.split('\n').filter((line) => line !== ''))];
}

/** Builds the program that asks musl's resolver. @returns its path */
async function muslLookUp(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-musl-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { muslGcc } = await setUpDockerTools(['gcc', 'muslGcc']);
  const source = fileURLToPath(new URL('stand-ins/lookup.c', import.meta.url));
  await run(muslGcc, ['-o', join(folder, 'lookup'), source]);
  return join(folder, 'lookup');
}
