import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { componentSchema } from '../parameters.ts';
import { answersAgain, graceSchema, isGone, startIfEnded } from './life.ts';

const schema = z.strictObject({ on: componentSchema, graceSeconds: graceSchema });

/** A process is told to end (SIGTERM, SIGINT for Postgres) and stays away, as when it is scaled down; recovering starts it again. */
export const terminated: Fault<z.infer<typeof schema>> = {
  name: 'terminated',
  group: 'process',
  summary:
    'The process gets SIGTERM, and SIGKILL if it has not ended after the grace; recovering starts it again on the same data and port.',
  feltWhen: 'the process is gone',
  healedWhen: 'the process answers',
  schema,
  inject: ({ on, graceSeconds }, stack) => stack.component(on).stop(graceSeconds * 1000),
  felt: ({ on }, stack) => isGone(stack, on),
  recover: ({ on }, stack) => startIfEnded(stack, on),
  healed: ({ on }, stack) => answersAgain(stack, on),
};
