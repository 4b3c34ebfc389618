import { expect, test, vi } from 'vitest';
import type { Stack } from '../../stack/stack.ts';
import { bindFault } from '../catalogue.ts';

test('a loop is felt when a second process was started, however long the first stop takes', async () => {
  const since = 1_000_000;
  let startedAt = since - 60_000;
  const gate = Promise.withResolvers<void>();
  let stops = 0;
  const worker = {
    stop: async () => {
      stops += 1;
      if (stops > 1) await gate.promise;
    },
    // The first comes 10 s after the injection: so long the stop before it took, ten times the period.
    launch: async () => {
      startedAt = since + stops * 10_000;
    },
    startedAt: async () => startedAt,
  };
  const stack = { id: 'a', component: () => worker } as unknown as Stack;
  const fault = bindFault({ name: 'restart-loop', on: 'worker', periodSeconds: 0.1, graceSeconds: 10 });
  const felt = () => fault.felt(stack, since, { web: 0, worker: 0 });
  await fault.inject(stack);
  const over = new AbortController();
  const meanwhile = fault.meanwhile(stack, over.signal);
  await vi.waitFor(() => expect(stops).toBe(2));
  expect(await felt()).toBeUndefined();
  gate.resolve();
  await vi.waitFor(async () =>
    expect(await felt()).toBe('the process worker was stopped and started more than once'),
  );
  over.abort();
  await meanwhile;
  // The next time is counted anew.
  await fault.inject(stack);
  expect(await felt()).toBeUndefined();
});
