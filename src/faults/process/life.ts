import { z } from 'zod';
import type { Component, Stack } from '../../stack/stack.ts';

/** How long a process may take to end by itself; Langfuse's worker never does, so short scenarios want it short. */
export const graceSchema = z
  .number()
  .nonnegative()
  .max(600)
  .default(10)
  .describe('seconds between SIGTERM and SIGKILL; 10 by default, as `docker stop` has it');

/** Starts a process if it has ended, and waits until it answers. */
export async function startIfEnded(stack: Stack, on: Component): Promise<void> {
  const component = stack.component(on);
  if ((await component.state()) === 'exited') await component.start();
}

/** Whether a process answers, in words. */
export async function answersAgain(stack: Stack, on: Component): Promise<string | undefined> {
  return (await stack.component(on).answers()) ? `the process ${on} answers` : undefined;
}

/** Whether a process has ended, in words. */
export async function isGone(stack: Stack, on: Component): Promise<string | undefined> {
  return (await stack.component(on).state()) === 'exited' ? `the process ${on} is gone` : undefined;
}
