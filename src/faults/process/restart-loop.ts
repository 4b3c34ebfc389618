import { z } from 'zod';
import { systemClock } from '../../base/clock.ts';
import type { Component, Stack } from '../../stack/stack.ts';
import type { Fault } from '../fault.ts';
import { componentSchema } from '../parameters.ts';
import { answersAgain, graceSchema, startIfEnded } from './life.ts';

const schema = z.strictObject({
  on: componentSchema.refine((name) => name !== 'toxiproxy', {
    error: 'every link leads through Toxiproxy, whose restart makes them anew: use `restarted` for it',
  }),
  periodSeconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(5)
    .describe('seconds that it is left running between two stops; 5 by default'),
  graceSeconds: graceSchema,
});

/** By the id of the stack and the component: when each of the processes was started; only who injects the fault looks whether it is felt. */
const starts = new Map<string, Set<number>>();
const keyOf = (stack: Stack, on: Component) => `${stack.id} ${on}`;

/** A process is stopped and started again and again, as by an orchestrator whose health check it fails. */
export const restartLoop: Fault<z.infer<typeof schema>> = {
  name: 'restart-loop',
  group: 'process',
  summary:
    'The process is stopped (SIGTERM, after the grace SIGKILL) and started again and again; recovering leaves it running.',
  feltWhen: 'two processes or more were started since the injection',
  healedWhen: 'the process answers',
  schema,
  async inject({ on, graceSeconds }, stack) {
    starts.set(keyOf(stack, on), new Set());
    await stack.component(on).stop(graceSeconds * 1000);
  },
  async meanwhile({ on, periodSeconds, graceSeconds }, stack, signal) {
    const component = stack.component(on);
    for (;;) {
      await component.launch();
      starts.get(keyOf(stack, on))?.add(await component.startedAt());
      await systemClock.sleep(periodSeconds * 1000, signal).catch(() => {});
      if (signal.aborted) return;
      await component.stop(graceSeconds * 1000);
    }
  },
  async felt({ on }, stack, since) {
    const times = [...(starts.get(keyOf(stack, on)) ?? [])].filter((startedAt) => startedAt >= since);
    return times.length > 1 ? `the process ${on} was stopped and started more than once` : undefined;
  },
  recover: ({ on }, stack) => startIfEnded(stack, on),
  healed: ({ on }, stack) => answersAgain(stack, on),
};
