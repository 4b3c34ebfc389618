import { afterAll, beforeAll } from 'vitest';
import { startEmbeddedStack } from '../../../src/stack/embedded/start.ts';
import type { Stack, StackOptions } from '../../../src/stack/stack.ts';

/*
 * The contract is tested from outside: over HTTP, and by looking at S3, Redis, ClickHouse and Postgres past the
 * links. The tests know a stack only by its interface, so the same file can run against another one; this is the one
 * place that says which.
 */

/** Starts a stack for the tests of a file (or a `describe`) and removes it after them. */
export function useStack(settings: StackOptions['settings'] = {}): { readonly current: Stack } {
  let stack: Stack | undefined;
  beforeAll(async () => {
    stack = await startEmbeddedStack({ settings });
  });
  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
  });
  return {
    get current() {
      if (!stack) throw new Error('the stack is not up');
      return stack;
    },
  };
}

/** Jobs are retried after 0.1, 0.2, 0.4 and 0.8 s, so that a job has failed for good 1.5 s after its first attempt. */
export const QUICK_RETRIES = { REFERENCE_BACKOFF_SCALE: '0.02' };
/** Jobs are retried after 1, 2, 4 and 8 s, so that a short outage is over before they fail for good. */
export const SLOW_RETRIES = { REFERENCE_BACKOFF_SCALE: '0.2' };
