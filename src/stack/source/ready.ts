import pg from 'pg';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { waitUntil } from '../../base/wait-until.ts';
import type { Target } from '../../langfuse/access.ts';
import { INGESTION_PATH, SCORES_PATH, SPANS_PATH } from '../../langfuse/endpoints.ts';
import { logForError } from '../embedded/log.ts';
import { logFileOf } from '../folder.ts';
import type { Stack } from '../stack.ts';

/** Langfuse's web makes organisation, project and key while it starts. */
const INITIALISED_MS = 60_000;
const ASK_TIMEOUT_MS = 10_000;
const LOAD_TIMEOUT_MS = 30_000;
const LOOK_INTERVAL_MS = 200;

/** What scenarios ask of the web, from v3.36.0 to v4.16.0. */
const ROUTES = [
  INGESTION_PATH,
  SPANS_PATH,
  SCORES_PATH,
  ...['traces', 'observations', 'ready', 'v2/observations', 'v3/scores'].map(publicPath),
];

/**
 * Waits until the web has made the project's key, and sees that it takes it. It is asked only when the key is there: Langfuse keeps in mind
 * which keys it did not know (from v3.81.0 for 300 s, and anew with every request).
 *
 * @throws ChaosError `E_CHECKOUT_NOT_READY`
 */
export async function keyIsTaken(
  { target, access, folder, secrets }: Pick<Stack, 'target' | 'access' | 'folder' | 'secrets'>,
  signal?: AbortSignal,
): Promise<void> {
  const client = new pg.Client({ connectionString: access.postgres.url });
  await client.connect();
  let last = 'the key is not in Postgres';
  const look = async () => {
    const { rows } = await client.query('SELECT 1 FROM api_keys WHERE public_key = $1', [target.publicKey]);
    if (rows.length === 0) return false;
    last = await askForProject(target);
    return last === 'ok';
  };
  try {
    await waitUntil("the project's key to be taken", look, {
      timeoutMs: INITIALISED_MS,
      intervalMs: LOOK_INTERVAL_MS,
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ChaosError({
      code: 'E_CHECKOUT_NOT_READY',
      happened: `The web of the checkout did not take the project's key within ${INITIALISED_MS / 1000} s: ${last}.`,
      expected:
        'a project and its key, which the web makes of LANGFUSE_INIT_PROJECT_ID and its like while it starts',
      log: await logForError(logFileOf(folder, 'web'), secrets),
      remedy:
        'see in the log of the web what it lacks, and whether the checkout is that of a release, v3.36.0 or later; run again.',
      cause: error,
    });
  } finally {
    await client.end();
  }
}

/**
 * Asks each route once and waits for its answer, whatever it is: Next loads the code of a route at its first request, which takes seconds
 * on a busy machine, and a probe under a fault would be answered when the fault is over.
 */
export async function loadRoutes(target: Target): Promise<void> {
  await Promise.allSettled(
    ROUTES.map(async (path) => {
      const response = await fetch(`${target.url}${path}?limit=1`, {
        headers: authorization(target),
        signal: AbortSignal.timeout(LOAD_TIMEOUT_MS),
      });
      await response.arrayBuffer();
    }),
  );
}

async function askForProject(target: Target): Promise<string> {
  try {
    const response = await fetch(`${target.url}${publicPath('projects')}`, {
      headers: authorization(target),
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    const body = await response.text();
    if (response.ok && body.includes(target.projectId)) return 'ok';
    return `GET /api/public/projects answers ${response.status}: ${body.slice(0, 200)}`;
  } catch (error) {
    return `GET /api/public/projects gets no answer: ${messageOf(error)}`;
  }
}

function publicPath(resource: string): string {
  return `/api/public/${resource}`;
}

function authorization({ publicKey, secretKey }: Target): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}` };
}
