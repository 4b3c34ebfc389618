import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachEmbeddedStack } from '../src/stack/embedded/attach.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import { readState } from '../src/stack/embedded/state.ts';
import type { AppProcess, Stack } from '../src/stack/stack.ts';
import { sendTrace, untilLanded } from './support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startEmbeddedStack({ other: { kind: 'embedded', pipeline: 'safe' } });
});
afterAll(async () => stack?.[Symbol.asyncDispose]());

/** The program that a process runs now. */
function programOf(process: AppProcess): string {
  const pid = readState(stack.folder).components[process]?.process?.pid;
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

test('worker and web are replaced by the other version, and put back; events of both land', async () => {
  const replace = async (process: AppProcess, by: 'own' | 'other') => {
    const spec = await stack.replace?.(process, by);
    expect(spec).toEqual({ kind: 'embedded', pipeline: by === 'own' ? 'v3.36.0' : 'safe' });
    const { status, id } = await sendTrace(stack);
    expect(status).toBe(207);
    await untilLanded(stack, id);
  };
  await replace('worker', 'other');
  expect(programOf('worker')).toContain('worker/safe-main.ts');
  expect(programOf('web')).toContain('web/main.ts');
  await replace('web', 'other');
  expect(programOf('web')).toContain('web/safe-main.ts');
  await replace('web', 'own');
  await replace('worker', 'own');
  expect(programOf('worker')).toContain('worker/main.ts');
});

test('whoever starts a replaced process later starts what it ran, also from another process of the harness', async () => {
  await stack.replace?.('worker', 'other');
  await stack.component('worker').kill();
  const attached = await attachEmbeddedStack(stack.folder);
  await attached.component('worker').start();
  expect(programOf('worker')).toContain('worker/safe-main.ts');
});
