import { randomUUID } from 'node:crypto';
import bcrypt from 'bcryptjs';
import type { WebEnv } from '../env.ts';
import type { Postgres } from '../postgres.ts';
import { fastHash } from './hash.ts';

/** Rounds of the slow hash, as in Langfuse. */
const BCRYPT_COST = 11;

/**
 * Headless initialisation from LANGFUSE_INIT_*: organisation, project, key. Idempotent; a public key that exists in
 * the same project keeps its secret even if the variable names another (web/src/initialize.ts at v3.36.0).
 */
export async function initialise(env: WebEnv, postgres: Postgres): Promise<void> {
  const { LANGFUSE_INIT_ORG_ID: org, LANGFUSE_INIT_PROJECT_ID: project } = env;
  if (!org) return;
  await postgres.query('INSERT INTO organizations (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    org,
    env.LANGFUSE_INIT_ORG_NAME,
  ]);
  if (!project) return;
  await postgres.query('INSERT INTO projects (id, name, org_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
    project,
    env.LANGFUSE_INIT_PROJECT_NAME,
    org,
  ]);
  const { LANGFUSE_INIT_PROJECT_PUBLIC_KEY: publicKey, LANGFUSE_INIT_PROJECT_SECRET_KEY: secretKey } = env;
  if (!publicKey || !secretKey) return;
  const [existing] = await postgres.query<{ project_id: string }>(
    'SELECT project_id FROM api_keys WHERE public_key = $1',
    [publicKey],
  );
  if (existing?.project_id === project) return;
  await postgres.query('DELETE FROM api_keys WHERE public_key = $1', [publicKey]);
  await postgres.query(
    `INSERT INTO api_keys
       (id, public_key, hashed_secret_key, fast_hashed_secret_key, display_secret_key, note, project_id)
     VALUES ($1, $2, $3, $4, $5, 'Provisioned API Key', $6)`,
    [
      randomUUID(),
      publicKey,
      await bcrypt.hash(secretKey, BCRYPT_COST),
      fastHash(secretKey, env.SALT),
      `${secretKey.slice(0, 6)}...${secretKey.slice(-4)}`,
      project,
    ],
  );
}
