import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { attachEmbeddedStack } from '../src/stack/embedded/attach.ts';
import { bringUp } from '../src/stack/embedded/bring-up.ts';
import { PARTS } from '../src/stack/embedded/parts/parts.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import { readState } from '../src/stack/embedded/state.ts';
import { stacksFolder } from '../src/stack/folder.ts';
import { detachStack, listStacks, removeLeftovers, removeStack } from '../src/stack/remove.ts';
import { DEFAULT_SPEC } from '../src/stack/spec.ts';
import { ask, hasLanded, remainsOf, sendTrace, type Traces, tracesOf, untilLanded } from './support/stack.ts';

/** The stacks that this process has started; other processes of this machine may have theirs. */
const ownStacks = () =>
  readdirSync(stacksFolder())
    // A dot stands before one that is being made or removed.
    .filter((name) => !name.startsWith('.'))
    .map((name) => `${stacksFolder()}/${name}`)
    .filter((folder) => {
      try {
        return readState(folder).owner.pid === process.pid;
      } catch {
        return false;
      }
    });

test('two stacks side by side do not touch each other, and one goes without the other', async () => {
  const [one, other] = await Promise.all([startEmbeddedStack({}), startEmbeddedStack({})]);
  await using _ = other;
  const before = tracesOf(one.folder);
  expect(before.ports.filter((port) => tracesOf(other.folder).ports.includes(port))).toEqual([]);

  const { id } = await sendTrace(one);
  await untilLanded(one, id);
  expect(await hasLanded(other, id)).toBe(false);
  expect(
    (await ask({ ...other, target: { ...one.target, url: other.target.url } }, '/api/public/traces')).status,
  ).toBe(401);

  await one[Symbol.asyncDispose]();
  expect(await remainsOf(before)).toEqual([]);
  await untilLanded(other, (await sendTrace(other)).id);
  await one[Symbol.asyncDispose]();
});

describe('a start that is interrupted leaves nothing', () => {
  test.each([0, 1, 3, 6])('when %i components are up', async (count) => {
    const abort = new AbortController();
    const reason = new Error('interrupted');
    let up = 0;
    let started: Traces | undefined;
    const look = () => {
      started ??= ownStacks().map(tracesOf)[0];
      if (up >= count && started) abort.abort(reason);
    };
    const watching = setInterval(look, 5);
    const starting = startEmbeddedStack({
      signal: abort.signal,
      onProgress: () => {
        up += 1;
        look();
      },
    });
    await expect(starting).rejects.toBe(reason);
    clearInterval(watching);
    expect(started && (await remainsOf(started))).toEqual([]);
  });

  test('before it began', async () => {
    await expect(startEmbeddedStack({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(ownStacks()).toEqual([]);
  });
});

test('a component that does not come up is named, with its last words, and nothing is left', async () => {
  let started: Traces | undefined;
  const starting = startEmbeddedStack({
    settings: { web: { DATABASE_URL: 'postgresql://postgres@nowhere.chaos.test:1/postgres' } },
    onProgress: () => {
      started ??= ownStacks().map(tracesOf)[0];
    },
  });
  await expect(starting).rejects.toMatchObject({
    code: 'E_STACK_START',
    message: expect.stringMatching(
      /The component web ended[\s\S]*Can't reach database server at `nowhere\.chaos\.test:1`/,
    ),
  });
  expect(started && (await remainsOf(started))).toEqual([]);
});

describe('a port that somebody else took meanwhile', () => {
  test('is noticed, though the stranger answers', async () => {
    await using stack = await startEmbeddedStack({});
    await stack.component('worker').kill();
    const stranger = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    const { worker } = readState(stack.folder).ports;
    await once(stranger.listen(worker, '127.0.0.1'), 'listening');
    await expect(stack.component('worker').start()).rejects.toMatchObject({ code: 'E_PORT_TAKEN' });
    stranger.close();
    await stack.component('worker').start();

    await stack.component('dns').kill();
    const udp = createSocket('udp4');
    udp.bind(stack.linkAddress('web→dns').port, '127.0.0.1');
    await once(udp, 'listening');
    await expect(bringUp(PARTS.dns, stack.folder)).rejects.toMatchObject({ code: 'E_PORT_TAKEN' });
    udp.close();
  });

  test('makes the start choose others', async () => {
    const said: string[] = [];
    const strangers = [createServer(), createServer()];
    // As soon as the ports are chosen, a stranger takes one of a component and, in the next try, one of a link.
    const wanted = ['s3', 'worker→redis'] as const;
    const taken = new Set<string>();
    const watching = setInterval(() => {
      for (const folder of ownStacks()) {
        const name = wanted[taken.size];
        if (taken.has(folder) || !name) continue;
        taken.add(folder);
        strangers[taken.size - 1]?.listen(readState(folder).ports[name], '127.0.0.1');
      }
    }, 1);
    await using stack = await startEmbeddedStack({ onProgress: (text) => said.push(text) });
    clearInterval(watching);
    for (const stranger of strangers) stranger.close();
    expect(said.filter((text) => text.includes('a port was taken'))).toHaveLength(2);
    await untilLanded(stack, (await sendTrace(stack)).id);
    for (const folder of taken)
      if (folder !== stack.folder) expect(readdirSync(stacksFolder())).not.toContain(folder);
  });
});

/** A harness process of its own that starts a stack and prints each step, the stack's folder first. */
function startHarness() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./support/harness.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const until = (text: string) =>
    waitUntil(`the harness to say "${text}"`, () => lines.find((line) => line.startsWith(text)), {
      timeoutMs: 30_000,
      intervalMs: 2,
    });
  return { child, until };
}

describe('a harness that is killed', () => {
  test.each(['toxiproxy', 'web', 'ready'])(
    'at "%s" leaves a stack that the next run removes',
    async (step) => {
      const { child, until } = startHarness();
      const folder = (await until('/')).trim();
      await until(step);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const traces = tracesOf(folder);
      expect((await remainsOf(traces)).length).toBeGreaterThan(1);
      expect(await listStacks()).toContainEqual({
        id: traces.id,
        folder,
        spec: DEFAULT_SPEC,
        ownerAlive: false,
        detached: false,
        byHand: false,
      });
      expect(await removeLeftovers()).toContainEqual(expect.objectContaining({ id: traces.id }));
      expect(await remainsOf(traces)).toEqual([]);
    },
  );

  test('in the middle of faults, too: components that are paused or killed', async () => {
    const { child, until } = startHarness();
    const folder = (await until('/')).trim();
    await until('ready');
    const stack = await attachEmbeddedStack(folder);
    await stack.component('redis').pause();
    await stack.component('postgres').kill();
    await stack.component('worker').pause();
    await stack.component('clickhouse').pause();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const traces = tracesOf(folder);
    await removeLeftovers();
    expect(await remainsOf(traces)).toEqual([]);
  });

  test('leaves a stack alone that was detached, until it is removed', async () => {
    const { child, until } = startHarness();
    const folder = (await until('/')).trim();
    await until('ready');
    detachStack(folder);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const traces = tracesOf(folder);
    expect(await removeLeftovers()).not.toContainEqual(expect.objectContaining({ id: traces.id }));
    const stack = await attachEmbeddedStack(folder);
    await untilLanded(stack, (await sendTrace(stack)).id);
    await removeStack(folder);
    expect(await remainsOf(traces)).toEqual([]);
  });
});

test('a stack whose harness lives is no leftover', async () => {
  await using stack = await startEmbeddedStack({});
  expect(await removeLeftovers()).not.toContainEqual(expect.objectContaining({ id: stack.id }));
  expect((await sendTrace(stack)).status).toBe(207);
});
