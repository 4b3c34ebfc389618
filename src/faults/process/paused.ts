import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { componentSchema } from '../parameters.ts';
import { answersAgain } from './life.ts';

const schema = z.strictObject({ on: componentSchema });

/**
 * A process stands still (SIGSTOP) and goes on later as if nothing had been: a machine that is frozen or swaps. Its connections stay
 * open, and the system goes on taking what is sent to it.
 */
export const paused: Fault<z.infer<typeof schema>> = {
  name: 'paused',
  group: 'process',
  summary:
    'The process stands still (SIGSTOP) with its connections open; recovering lets it go on (SIGCONT).',
  feltWhen: 'the process is stopped, as the system says',
  healedWhen: 'the process answers',
  schema,
  inject: ({ on }, stack) => stack.component(on).pause(),
  async felt({ on }, stack) {
    return (await stack.component(on).state()) === 'paused' ? `the process ${on} stands still` : undefined;
  },
  async recover({ on }, stack) {
    const component = stack.component(on);
    if ((await component.state()) === 'paused') await component.resume();
  },
  healed: ({ on }, stack) => answersAgain(stack, on),
};
