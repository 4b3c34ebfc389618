import { resolve } from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, type TestContext, vi } from 'vitest';
import { findWriteMode } from '../../../src/langfuse/find-write-mode.ts';
import { compareVersions, type Profile, profileOf, type WriteMode } from '../../../src/langfuse/profile.ts';
import { PROJECT_ID } from '../../../src/stack/embedded/parts/application.ts';
import { DEFAULT_SPEC, parseSpec } from '../../../src/stack/spec.ts';
import type { Stack, StackOptions } from '../../../src/stack/stack.ts';
import { startStack } from '../../../src/stack/stacks.ts';
import { CHANGES, type ChangeName } from './changes.ts';

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
  readonly writeMode: WriteMode;
  /** Whether the version has a change: for what only one value of a statement goes by. */
  has(change: ChangeName): boolean;
  /** How ingestion answers when something behind the check of the key fails. */
  ingestionFailure(error: unknown): object;
  /**
   * Leaves a test out whose statement is not about what is up: it is listed as such, with the reason, and counted (`summary.ts`).
   * Say it at the test, or in a `beforeEach` for all of a `describe`.
   */
  only(context: TestContext, about: About): void;
}

/** What a statement is about; all of it must fit. */
export interface About {
  /** Versions from a change on. */
  readonly since?: ChangeName | undefined;
  /** Versions before a change. */
  readonly until?: ChangeName | undefined;
  readonly writeModes?: readonly WriteMode[];
}

/** Of statements that send traces and observations to the ingestion API: `events_only` refuses them (v3.179.0 and later, default of v4). */
export const TAKES_TRACES = { writeModes: ['legacy', 'dual'] } as const satisfies About;

/** Starts a stack for the tests of a file (or a `describe`) and removes it after them. */
export function useStack(settings: NonNullable<StackOptions['settings']> = {}): ContractStack {
  let up: { stack: Stack; version: string; writeMode: WriteMode } | undefined;
  beforeAll(async () => {
    const both = {
      web: { ...EXTRA, ...settings.web },
      worker: { ...EXTRA, ...settings.worker },
    };
    const stack = await startStack({ spec: SPEC, settings: both });
    up = { stack, version: '', writeMode: 'legacy' };
    const version = await versionOf(stack);
    up = { stack, version, writeMode: await writeModeOf(stack, version) };
  });
  afterAll(async () => {
    await up?.stack[Symbol.asyncDispose]();
  });
  const get = () => {
    if (!up) throw new Error('the stack is not up');
    return up;
  };
  const has = (change: ChangeName) => compareVersions(get().version, CHANGES[change].since) >= 0;
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
    get writeMode() {
      return get().writeMode;
    },
    has,
    ingestionFailure: (error) =>
      has('failuresWithoutText')
        ? { status: 500, text: 'Internal Server Error' }
        : { status: 500, json: { message: 'Invalid request data', errors: [error] } },
    only({ skip }, { since, until, writeModes }) {
      const { version, writeMode } = get();
      const not = (change: ChangeName, when: string) =>
        `not for v${version}: ${when} v${CHANGES[change].since}, ${CHANGES[change].what}`;
      if (since !== undefined) skip(!has(since), not(since, 'since'));
      if (until !== undefined) skip(has(until), not(until, 'until'));
      skip(
        writeModes !== undefined && !writeModes.includes(writeMode),
        `not for the write mode ${writeMode}: about ${writeModes?.join(' and ')}`,
      );
    },
  };
}

async function writeModeOf({ target, access }: Stack, version: string): Promise<WriteMode> {
  await using client = createClient({ ...access.clickhouse, log: { level: ClickHouseLogLevel.OFF } });
  const answer = await client.query({ query: 'SHOW TABLES', format: 'JSONEachRow' });
  const tables = (await answer.json<{ name: string }>()).map(({ name }) => name);
  // Where the worker does not tell which of the two it is, the web takes traces in any case.
  return (await findWriteMode(target, profileOf(version).profile, tables)).writeMode ?? 'legacy';
}

async function versionOf({ target }: Stack): Promise<string> {
  const answer = await fetch(`${target.url}/api/public/health`, { signal: AbortSignal.timeout(30_000) });
  const { version } = (await answer.json()) as { version: string };
  return version;
}
