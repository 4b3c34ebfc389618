import { expect, test } from 'vitest';
import type { Stack } from '../stack/stack.ts';
import { logged } from './logged.ts';

const since = Date.parse('2026-01-01T00:00:10.000Z');

/** A stack whose worker has logged these lines. */
function stackWith(...lines: string[]): Stack {
  return {
    component: (name: string) => ({ log: async () => (name === 'worker' ? lines : []) }),
  } as unknown as Stack;
}

const line = (second: string, message: string) =>
  `{"time":"2026-01-01T00:00:${second}.000Z","err":{"message":"${message}"}}`;
const look = (stack: Stack, processes: readonly ('web' | 'worker')[] = ['web', 'worker']) =>
  logged(processes, stack, since, /OOM command not allowed/);

test('what a process logged since the injection is found', async () => {
  const stack = stackWith(
    line('05', 'OOM command not allowed'),
    line('11', 'OOM command not allowed when …'),
  );
  expect(await look(stack)).toBe('the worker logged "OOM command not allowed"');
});

test('an older line, one of another process, one without a time, and silence are not', async () => {
  expect(await look(stackWith(line('05', 'OOM command not allowed')))).toBeUndefined();
  expect(await look(stackWith(line('11', 'OOM command not allowed')), ['web'])).toBeUndefined();
  expect(await look(stackWith('OOM command not allowed'))).toBeUndefined();
  expect(await look(stackWith())).toBeUndefined();
});
