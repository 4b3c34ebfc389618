import { request } from 'undici';
import { ChaosError, messageOf } from '../../base/errors.ts';
import type { Access, Target } from '../../langfuse/access.ts';
import { lookAtProject } from '../../langfuse/foreign-trace.ts';
import { connect } from '../../langfuse/redis.ts';
import { openRawEvents } from '../../langfuse/storage.ts';
import type { Link } from '../stack.ts';
import { missingVariables, reach, secretTexts } from './environment.ts';
import { hookControl } from './hooks.ts';
import type { ExternalTarget, Hooked } from './schema.ts';
import type { ExternalState, FoundProxy } from './state.ts';
import { addressOf, allowedLinks, allProxies, versionOf, whyNotFree } from './toxiproxy.ts';

const TIMEOUT_MS = 10_000;

/** What a target said of itself. */
export type Found = Pick<ExternalState, 'versions' | 'proxies'>;

/** One part of the check, which adds what it found, or throws what is wrong. */
type Part = (found: {
  versions: Record<string, string>;
  proxies: Partial<Record<Link, FoundProxy>>;
}) => Promise<void>;

/**
 * Looks whether a target is what its file says, and whether the harness may work on it: its key is that of the project, nobody else's
 * traces are in there, all that is read can be read, and the proxies and processes that faults are allowed on are as they should be.
 * Changes nothing.
 *
 * @throws ChaosError `E_EXTERNAL_ENV` when variables are not set, `E_EXTERNAL_TARGET` with everything that is wrong
 */
export async function checkTarget(target: ExternalTarget, env: NodeJS.ProcessEnv): Promise<Found> {
  const missing = missingVariables(target, env);
  if (missing.length > 0) {
    throw new ChaosError({
      code: 'E_EXTERNAL_ENV',
      happened: `These environment variables, which the file of ${target.name} names, are not set: ${[...new Set(missing)].join(', ')}.`,
      remedy: 'set them and run again.',
    });
  }
  const { target: where, access } = reach(target, env);
  const parts: Readonly<Record<string, Part | false>> = {
    web: (found) => checkWeb(where, found.versions),
    worker: target.worker !== undefined && (() => checkWorker(where)),
    ClickHouse: (found) => checkClickHouse(target, access, found.versions),
    Redis: (found) => checkRedis(access, found.versions),
    S3: () => checkS3(access, where),
    Toxiproxy: allowedLinks(target).length > 0 && ((found) => checkProxies(target, found)),
    hooks: () => checkHooks(target),
  };
  const found = { versions: {}, proxies: {} };
  const problems: string[] = [];
  await Promise.all(
    Object.entries(parts).map(async ([name, part]) => {
      if (!part) return;
      try {
        await part(found);
      } catch (error) {
        problems.push(`${name}: ${error instanceof ChaosError ? error.parts.happened : messageOf(error)}`);
      }
    }),
  );
  if (problems.length === 0) return found;
  throw targetError(
    `${target.name} is not as its file says:\n${problems.map((problem) => `    ${problem}`).join('\n')}`,
  );
}

/** The error of a target that can't be worked on. */
export function targetError(happened: string): ChaosError {
  return new ChaosError({
    code: 'E_EXTERNAL_TARGET',
    happened,
    remedy: 'correct the file or the target, and run again; nothing was changed.',
  });
}

/** The project of the key is asked of the web, so that no traffic goes into another by a mistaken key. */
async function checkWeb(
  { url, projectId, publicKey, secretKey }: Target,
  versions: Record<string, string>,
): Promise<void> {
  const health = await get(`${url}/api/public/health`);
  versions.langfuse = String((health.body as { version?: unknown } | null)?.version ?? 'unknown');
  const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  const { status, body } = await get(`${url}/api/public/projects`, { authorization });
  if (status !== 200) throw new Error(`GET /api/public/projects answered ${status}: the key is not taken`);
  const { data } = body as { data?: readonly { id: string }[] };
  const ids = (data ?? []).map(({ id }) => id);
  if (ids.length !== 1 || ids[0] !== projectId)
    throw new Error(
      `the key is that of the project ${ids.join(', ') || '(none)'}, and the file says ${projectId}`,
    );
}

async function checkWorker({ workerUrl }: Target): Promise<void> {
  const { status } = await get(`${workerUrl}/api/health`);
  if (status !== 200) throw new Error(`GET /api/health answered ${status}`);
}

async function checkClickHouse(
  { sharedProject, project }: ExternalTarget,
  access: Access,
  versions: Record<string, string>,
): Promise<void> {
  const { clickhouseVersion, foreign } = await lookAtProject(access.clickhouse, project.id);
  versions.clickhouse = clickhouseVersion;
  if (foreign && !sharedProject)
    throw new Error(
      `the project ${project.id} holds traces that the harness has not sent, such as ${foreign.id} ("${foreign.name}"); use a project of its own, or write \`sharedProject: true\``,
    );
}

async function checkRedis(access: Access, versions: Record<string, string>): Promise<void> {
  const redis = await connect(access.redis.url);
  try {
    // A user who may not ask for it may still read the queues.
    const info = await redis.info('server').catch(() => '');
    versions.redis = /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}

async function checkS3(access: Access, { projectId }: Target): Promise<void> {
  await using events = openRawEvents(access.s3);
  for await (const _object of events.list(projectId)) break;
}

async function checkProxies(target: ExternalTarget, found: Parameters<Part>[0]): Promise<void> {
  const { url, proxies } = target.toxiproxy ?? { url: '', proxies: {} };
  found.versions.toxiproxy = await versionOf(url);
  const all = await allProxies(url);
  const problems: string[] = [];
  for (const link of allowedLinks(target)) {
    const named = proxies[link];
    if (!named) continue;
    const proxy = all[named.name];
    const problem = whyNotFree(proxy, named.name, link);
    if (problem !== undefined) problems.push(problem);
    else if (proxy) found.proxies[link] = addressOf(proxy, named, url);
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
}

async function checkHooks(target: ExternalTarget): Promise<void> {
  const components = new Set(
    target.allow.faults.flatMap(({ on }) => (on.includes('→') ? [] : [on as Hooked])),
  );
  for (const name of components) {
    const component = hookControl(
      name,
      target.hooks[name],
      { begins: () => {}, runs: () => {}, ends: () => {} },
      secretTexts(target, process.env),
    );
    const state = await component.state();
    if (state !== 'running') throw new Error(`${name} is ${state}, as hooks.${name}.state says`);
    if (!(await component.answers()))
      throw new Error(`${name} is not healthy, as hooks.${name}.healthy says`);
  }
}

async function get(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: unknown }> {
  const response = await request(url, {
    headers,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    reset: true,
  });
  const text = await response.body.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Some pages are no JSON; the status says enough of them.
  }
  return { status: response.statusCode, body };
}
