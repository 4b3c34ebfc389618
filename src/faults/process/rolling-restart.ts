import { z } from 'zod';
import { APP_PROCESSES } from '../../stack/stack.ts';
import type { Fault } from '../fault.ts';
import { answersAgain, graceSchema, startIfEnded } from './life.ts';

const schema = z.strictObject({
  on: z.literal('application', { error: 'it hits web and worker, one after the other: on is `application`' }),
  graceSeconds: graceSchema,
});

/**
 * The web, then the worker are stopped in good order and started again, each only when the one before it answers: an upgrade as
 * it is meant to be.
 */
export const rollingRestart: Fault<z.infer<typeof schema>> = {
  name: 'rolling-restart',
  group: 'process',
  summary:
    'The web, and when it answers again the worker, get SIGTERM, and SIGKILL if they have not ended after the grace, and are started again.',
  feltWhen: 'both are other processes than before the injection, and answer',
  healedWhen: 'web and worker answer',
  schema,
  inject: ({ graceSeconds }, stack) => stack.component('web').stop(graceSeconds * 1000),
  async meanwhile({ graceSeconds }, stack, signal) {
    await stack.component('web').start();
    if (signal.aborted) return;
    await stack.component('worker').stop(graceSeconds * 1000);
    if (signal.aborted) return;
    await stack.component('worker').start();
  },
  async felt(_parameters, stack, since) {
    for (const name of APP_PROCESSES) {
      const component = stack.component(name);
      if ((await component.startedAt()) < since || !(await component.answers())) return undefined;
    }
    return 'web and worker were stopped one after the other, and new ones answer';
  },
  async recover(_parameters, stack) {
    for (const name of APP_PROCESSES) await startIfEnded(stack, name);
  },
  async healed(_parameters, stack) {
    for (const name of APP_PROCESSES) if (!(await answersAgain(stack, name))) return undefined;
    return 'web and worker answer';
  },
};
