import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { componentSchema } from '../parameters.ts';

const schema = z.strictObject({ on: componentSchema });

/** A process is gone at once (SIGKILL), with all that it held in memory; recovering starts it again on the same data and port. */
export const killed: Fault<z.infer<typeof schema>> = {
  name: 'killed',
  group: 'process',
  summary: 'The process is killed with SIGKILL; recovering starts it again on the same data and port.',
  feltWhen: 'the process is gone',
  healedWhen: 'its start was seen to succeed',
  schema,
  inject: ({ on }, stack) => stack.component(on).kill(),
  async felt({ on }, stack) {
    return (await stack.component(on).state()) === 'exited' ? `the process ${on} is gone` : undefined;
  },
  async recover({ on }, stack) {
    const component = stack.component(on);
    if ((await component.state()) === 'exited') await component.start();
  },
  async healed({ on }, stack) {
    return (await stack.component(on).state()) === 'running'
      ? `the process ${on} was started and runs`
      : undefined;
  },
};
