import { z } from 'zod';
import { systemClock } from '../../base/clock.ts';
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

/** A process is stopped and started again and again, as by an orchestrator whose health check it fails. */
export const restartLoop: Fault<z.infer<typeof schema>> = {
  name: 'restart-loop',
  group: 'process',
  summary:
    'The process is stopped (SIGTERM, after the grace SIGKILL) and started again and again; recovering leaves it running.',
  feltWhen: 'a process that was started at least one period after the injection runs',
  healedWhen: 'the process answers',
  schema,
  inject: ({ on, graceSeconds }, stack) => stack.component(on).stop(graceSeconds * 1000),
  async meanwhile({ on, periodSeconds, graceSeconds }, stack, signal) {
    const component = stack.component(on);
    for (;;) {
      await component.launch();
      await systemClock.sleep(periodSeconds * 1000, signal).catch(() => {});
      if (signal.aborted) return;
      await component.stop(graceSeconds * 1000);
    }
  },
  async felt({ on, periodSeconds }, stack, since) {
    const component = stack.component(on);
    const again = (await component.startedAt()) >= since + periodSeconds * 1000;
    return again ? `the process ${on} was stopped and started more than once` : undefined;
  },
  recover: ({ on }, stack) => startIfEnded(stack, on),
  healed: ({ on }, stack) => answersAgain(stack, on),
};
