import { createClient } from '@clickhouse/client';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Access, Target } from './access.ts';
import { HEALTH_PATH } from './endpoints.ts';
import { findWriteMode } from './find-write-mode.ts';
import { profileOf } from './profile.ts';
import { FIRST_PROFILE } from './profiles.ts';
import { readQueueFacts } from './queue-facts.ts';
import type { TargetFacts } from './target-facts.ts';

/** Milliseconds that the web and ClickHouse have for an answer. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Looks at a running Langfuse: which version it is, what that means for the harness, and what its stores hold. Nothing is stored and no setting is changed.
 *
 * @throws ChaosError `E_LANGFUSE_VERSION` when the web does not tell its version, or one that the harness is too new for;
 *   `E_WRITE_MODE` when it does not show how it stores traces; `E_REDIS`, `E_CLICKHOUSE` when these can't be asked
 */
export async function findTarget(target: Target, access: Access): Promise<TargetFacts> {
  const version = await askVersion(target);
  const { profile, known, place } = profileOf(version);
  if (place === 'older') {
    throw new ChaosError({
      code: 'E_LANGFUSE_VERSION',
      happened: `The target is Langfuse ${version}.`,
      expected: `${FIRST_PROFILE.from} or newer`,
      remedy: 'test a newer one: older ones store events in another way, which the harness does not know.',
    });
  }
  const [{ tables, clickhouseVersion }, queues] = await Promise.all([
    readTables(access.clickhouse),
    readQueueFacts(access.redis),
  ]);
  const writeMode = await findWriteMode(target, profile, tables);
  return { version, known, profile, ...writeMode, queues, tables, clickhouseVersion };
}

/** The version of Langfuse that a target's web says it is, without a `v`. @throws ChaosError `E_LANGFUSE_VERSION` when it says none */
export async function askVersion(target: Pick<Target, 'url'>): Promise<string> {
  const asked = `${target.url}${HEALTH_PATH}`;
  let text = '';
  try {
    const answer = await fetch(asked, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    text = await answer.text();
    const { version } = JSON.parse(text) as { version?: unknown };
    if (typeof version === 'string' && /^v?\d+\.\d+/.test(version)) return version.replace(/^v/, '');
  } catch (error) {
    text ||= messageOf(error);
  }
  throw new ChaosError({
    code: 'E_LANGFUSE_VERSION',
    happened: `${asked} did not tell the version of Langfuse: ${text.slice(0, 200)}`,
    expected: 'a JSON object with `version`',
    remedy: 'see whether this is the address of Langfuse’s web and whether it is up.',
  });
}

async function readTables(
  access: Access['clickhouse'],
): Promise<Pick<TargetFacts, 'tables' | 'clickhouseVersion'>> {
  const client = createClient({ ...access, request_timeout: ANSWER_TIMEOUT_MS });
  try {
    const query =
      'SELECT version() AS version, groupArray(name) AS tables FROM system.tables WHERE database = currentDatabase()';
    const answer = await client.query({ query, format: 'JSONEachRow' });
    const [row] = await answer.json<{ version: string; tables: string[] }>();
    return { tables: (row?.tables ?? []).sort(), clickhouseVersion: row?.version ?? '' };
  } catch (error) {
    throw new ChaosError({
      code: 'E_CLICKHOUSE',
      happened: `ClickHouse could not be asked for its tables: ${messageOf(error).trim().replace(/\.$/, '')}.`,
      remedy: 'see whether ClickHouse runs and takes this user and password, then ask again.',
      cause: error,
    });
  } finally {
    await client.close();
  }
}
