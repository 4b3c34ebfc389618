import { expect, test } from 'vitest';
import type { Stack } from '../stack/stack.ts';
import { logged, logSizes } from './logged.ts';

/** A stack whose processes have logged these lines, each as many bytes long as it has characters and one more. */
function stackWith(logs: { web?: string[]; worker?: string[] }): Stack {
  const component = (name: 'web' | 'worker') => {
    const lines = logs[name] ?? [];
    return {
      logSize: async () => `${lines.join('\n')}\n`.length,
      log: async (_count: number, after = 0) => `${lines.join('\n')}\n`.slice(after).split('\n'),
    };
  };
  return { component } as unknown as Stack;
}

/** The clock of the process is of no account. */
const line = (year: number, message: string) =>
  `{"time":"${year}-01-01T00:00:00.000Z","err":{"message":"${message}"}}`;
const OOM = 'OOM command not allowed';

test('what a process logged since the injection is found, whatever its clock says', async () => {
  const worker = [line(2030, 'hello')];
  const stack = stackWith({ worker });
  const before = await logSizes(stack);
  expect(await logged(['web', 'worker'], stack, before, /OOM command not allowed/)).toBeUndefined();
  worker.push(line(2020, `${OOM} when …`));
  expect(await logged(['web', 'worker'], stack, before, /OOM command not allowed/)).toBe(
    `the worker logged "${OOM}"`,
  );
  expect(await logged(['web'], stack, before, /OOM command not allowed/)).toBeUndefined();
});

test('what it had logged before is not, though its clock was ahead then', async () => {
  const stack = stackWith({ worker: [line(2040, OOM)] });
  expect(await logged(['worker'], stack, await logSizes(stack), /OOM command not allowed/)).toBeUndefined();
});
