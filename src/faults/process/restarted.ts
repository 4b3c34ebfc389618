import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { componentSchema } from '../parameters.ts';
import { answersAgain, graceSchema, startIfEnded } from './life.ts';

const schema = z.strictObject({ on: componentSchema, graceSeconds: graceSchema });

/** A process is stopped in good order and started again at once, as by an update or a change of its configuration. */
export const restarted: Fault<z.infer<typeof schema>> = {
  name: 'restarted',
  group: 'process',
  summary:
    'The process gets SIGTERM, and SIGKILL if it has not ended after the grace, and is started again at once.',
  feltWhen: 'another process than before the injection runs and answers',
  healedWhen: 'the process answers',
  schema,
  async inject({ on, graceSeconds }, stack) {
    const component = stack.component(on);
    await component.stop(graceSeconds * 1000);
    await component.start();
  },
  async felt({ on }, stack, since) {
    const component = stack.component(on);
    if ((await component.startedAt()) < since || !(await component.answers())) return undefined;
    return `the process ${on} was stopped, and a new one answers`;
  },
  recover: ({ on }, stack) => startIfEnded(stack, on),
  healed: ({ on }, stack) => answersAgain(stack, on),
};
