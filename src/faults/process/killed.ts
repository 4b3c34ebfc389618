import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { componentSchema } from '../parameters.ts';
import { answersAgain, isGone, startIfEnded } from './life.ts';

const schema = z.strictObject({ on: componentSchema });

/** A process is gone at once (SIGKILL), with all that it held in memory; recovering starts it again on the same data and port. */
export const killed: Fault<z.infer<typeof schema>> = {
  name: 'killed',
  group: 'process',
  summary: 'The process is killed with SIGKILL; recovering starts it again on the same data and port.',
  feltWhen: 'the process is gone',
  healedWhen: 'the process answers',
  schema,
  inject: ({ on }, stack) => stack.component(on).kill(),
  felt: ({ on }, stack) => isGone(stack, on),
  recover: ({ on }, stack) => startIfEnded(stack, on),
  healed: ({ on }, stack) => answersAgain(stack, on),
};
