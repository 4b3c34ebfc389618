import { resolve } from 'node:path';
import { afterAll, beforeAll, type TestContext, vi } from 'vitest';
import { compareVersions, type Profile, profileOf } from '../../../src/langfuse/profile.ts';
import { PROJECT_ID } from '../../../src/stack/embedded/parts/application.ts';
import { DEFAULT_SPEC, parseSpec } from '../../../src/stack/spec.ts';
import type { Stack, StackOptions } from '../../../src/stack/stack.ts';
import { startStack } from '../../../src/stack/stacks.ts';

/*
 * The contract is tested from outside: over HTTP, and by looking at S3, Redis, ClickHouse and Postgres past the
 * links. The tests know a stack only by its interface, so the same files run against another one; this is the one
 * place that says which: LANGFUSE_CHAOS_CONTRACT_STACK, as `--stack` has it, or the reference pipeline. `run.ts` sets that, and
 * LANGFUSE_CHAOS_CONTRACT_SETTINGS, lines of NAME=VALUE for both processes.
 */

const asked = process.env.LANGFUSE_CHAOS_CONTRACT_STACK;
const SPEC = asked ? parseSpec(asked, (path) => resolve(path)) : DEFAULT_SPEC;

const EXTRA = Object.fromEntries(
  (process.env.LANGFUSE_CHAOS_CONTRACT_SETTINGS ?? '').split('\n').flatMap((line) => {
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value]];
  }),
);

export { PROJECT_ID };

/** Whether the reference pipeline is under test, which obeys REFERENCE_… variables; a real Langfuse has waits that nothing shortens. */
export const IS_REFERENCE = SPEC.kind === 'embedded';
/** Whether web makes the tables itself when it starts, as Langfuse's image and the reference do. */
export const MIGRATES_ITSELF = SPEC.kind !== 'source';
if (!IS_REFERENCE) vi.setConfig({ testTimeout: 900_000, hookTimeout: 600_000 });

/** Jobs are retried after 0.1, 0.2, 0.4 and 0.8 s, so that a job has failed for good 1.5 s after its first attempt; real ones after 75 s (155 s from v3.79.0 on). */
export const QUICK_RETRIES = { REFERENCE_BACKOFF_SCALE: '0.02' };
/** Jobs are retried after 1, 2, 4 and 8 s, so that a short outage is over before they fail for good. */
export const SLOW_RETRIES = { REFERENCE_BACKOFF_SCALE: '0.2' };
/** How long to wait for a job that fails at every attempt, with {@link QUICK_RETRIES}. */
export const FAILED_FOR_GOOD = { timeoutMs: IS_REFERENCE ? 30_000 : 300_000 };
/** How long to wait for what a stalled job leads to: two checks, 30 s apart, and the lock of 30 s. */
export const STALLED_TWICE = { timeoutMs: IS_REFERENCE ? 60_000 : 300_000 };
/** How long to wait for what needs one more attempt of a job that waits for its next. */
export const RETRIED = { timeoutMs: IS_REFERENCE ? 30_000 : 120_000 };

/** A stack that is up, and what is known of the version that it runs. */
export interface ContractStack {
  readonly current: Stack;
  /** As the target says it, for example `3.36.0`. */
  readonly version: string;
  readonly profile: Profile;
  /** Leaves a test out on versions for which its statement does not hold. */
  holds(context: TestContext, range: { readonly from?: string; readonly before?: string }): void;
}

/** Starts a stack for the tests of a file (or a `describe`) and removes it after them. */
export function useStack(settings: NonNullable<StackOptions['settings']> = {}): ContractStack {
  let up: { stack: Stack; version: string } | undefined;
  beforeAll(async () => {
    const both = {
      web: { ...EXTRA, ...settings.web },
      worker: { ...EXTRA, ...settings.worker },
    };
    const stack = await startStack({ spec: SPEC, settings: both });
    up = { stack, version: '' };
    up = { stack, version: await versionOf(stack) };
  });
  afterAll(async () => {
    await up?.stack[Symbol.asyncDispose]();
  });
  const get = () => {
    if (!up) throw new Error('the stack is not up');
    return up;
  };
  return {
    get current() {
      return get().stack;
    },
    get version() {
      return get().version;
    },
    get profile() {
      return profileOf(get().version).profile;
    },
    holds({ skip }, { from, before }) {
      const { version } = get();
      skip(from !== undefined && compareVersions(version, from) < 0, `holds from v${from} on`);
      skip(before !== undefined && compareVersions(version, before) >= 0, `held before v${before}`);
    },
  };
}

async function versionOf({ target }: Stack): Promise<string> {
  const answer = await fetch(`${target.url}/api/public/health`, { signal: AbortSignal.timeout(30_000) });
  const { version } = (await answer.json()) as { version: string };
  return version;
}
