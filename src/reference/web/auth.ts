import bcrypt from 'bcryptjs';
import type { Redis } from 'ioredis';
import { z } from 'zod/v3';
import type { WebEnv } from '../env.ts';
import { PostgresError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Postgres } from '../postgres.ts';
import type { Scope } from '../queues.ts';
import { fastHash } from './hash.ts';

/** What the `Authorization` header of a request allows. */
export type AuthResult =
  | { readonly validKey: true; readonly scope: Scope }
  | { readonly validKey: false; readonly error: string };

const keySchema = z.object({ projectId: z.string(), orgId: z.string() });
type Key = z.infer<typeof keySchema>;

/** Cached for a key that was not found. */
const NON_EXISTENT = 'api-key-non-existent';
const cachedSchema = z.union([keySchema, z.literal(NON_EXISTENT)]);

const KEY_OF = `SELECT k.project_id AS "projectId", p.org_id AS "orgId", k.hashed_secret_key AS "slowHash"
  FROM api_keys k JOIN projects p ON p.id = k.project_id WHERE`;

/**
 * Checks keys as Langfuse does (web/src/features/public-api/server/apiAuth.ts at v3.36.0): by the hash of the secret
 * key alone, so the public key is not compared when that is found; by public key and bcrypt otherwise.
 */
export class Auth {
  readonly #env: WebEnv;
  readonly #postgres: Postgres;
  readonly #redis: Redis;
  readonly #log: Logger;

  constructor(env: WebEnv, postgres: Postgres, redis: Redis, log: Logger) {
    this.#env = env;
    this.#postgres = postgres;
    this.#redis = redis;
    this.#log = log;
  }

  /** Never throws but a {@link PostgresError}, which says nothing about the key. */
  async check(header: string | undefined): Promise<AuthResult> {
    if (!header) return { validKey: false, error: 'No authorization header' };
    try {
      if (header.startsWith('Basic ')) return allow(await this.#basic(header), 'all');
      if (header.startsWith('Bearer ')) {
        return allow(await this.#bearer(header.replace('Bearer ', '')), 'scores');
      }
    } catch (error) {
      this.#log.error({ err: error }, 'Error verifying auth header');
      if (error instanceof PostgresError || !(error instanceof Error)) throw error;
      return {
        validKey: false,
        error: `${error.message}. Confirm that you've configured the correct host.`,
      };
    }
    return { validKey: false, error: 'Invalid authorization header' };
  }

  async #basic(header: string): Promise<Key> {
    const [publicKey, secretKey] = atob(header.split(' ')[1] ?? '').split(':');
    if (!publicKey || !secretKey) throw new Error('Invalid authorization header');
    const hash = fastHash(secretKey, this.#env.SALT);
    return (await this.#byHash(hash)) ?? (await this.#byPublicKey(publicKey, secretKey, hash));
  }

  async #bearer(publicKey: string): Promise<Key> {
    const [key] = await this.#postgres.query<Key>(`${KEY_OF} k.public_key = $1`, [publicKey]);
    if (!key) throw new Error('Invalid public key');
    return key;
  }

  async #byHash(hash: string): Promise<Key | undefined> {
    const cached = await this.#readCache(hash);
    if (cached === NON_EXISTENT) throw new Error('Invalid credentials');
    if (cached) return cached;
    const [key] = await this.#postgres.query<Key>(`${KEY_OF} k.fast_hashed_secret_key = $1`, [hash]);
    if (key) await this.#writeCache(hash, { projectId: key.projectId, orgId: key.orgId });
    return key;
  }

  async #byPublicKey(publicKey: string, secretKey: string, hash: string): Promise<Key> {
    const [key] = await this.#postgres.query<Key & { slowHash: string }>(`${KEY_OF} k.public_key = $1`, [
      publicKey,
    ]);
    if (!key) {
      await this.#writeCache(hash, NON_EXISTENT);
      throw new Error('Invalid credentials');
    }
    if (!(await bcrypt.compare(secretKey, key.slowHash))) throw new Error('Invalid credentials');
    await this.#postgres.query('UPDATE api_keys SET fast_hashed_secret_key = $1 WHERE public_key = $2', [
      hash,
      publicKey,
    ]);
    return key;
  }

  /** Each read starts the time to live anew: asking for an unknown key keeps it unknown. */
  async #readCache(hash: string): Promise<Key | typeof NON_EXISTENT | undefined> {
    if (!this.#env.LANGFUSE_CACHE_API_KEY_ENABLED) return undefined;
    try {
      const ttl = this.#env.LANGFUSE_CACHE_API_KEY_TTL_SECONDS;
      const found = await this.#redis.getex(`api-key:${hash}`, 'EX', ttl);
      if (!found) return undefined;
      const parsed = cachedSchema.safeParse(JSON.parse(found));
      if (parsed.success) return parsed.data;
      await this.#redis.del(`api-key:${hash}`);
    } catch (error) {
      this.#log.error({ err: error }, 'Error fetching key from redis');
    }
    return undefined;
  }

  async #writeCache(hash: string, value: Key | typeof NON_EXISTENT): Promise<void> {
    if (!this.#env.LANGFUSE_CACHE_API_KEY_ENABLED) return;
    const ttl = this.#env.LANGFUSE_CACHE_API_KEY_TTL_SECONDS;
    try {
      await this.#redis.set(`api-key:${hash}`, JSON.stringify(value), 'EX', ttl);
    } catch (error) {
      this.#log.error({ err: error }, 'Error adding key to redis');
    }
  }
}

function allow(key: Key, accessLevel: Scope['accessLevel']): AuthResult {
  return {
    validKey: true,
    scope: {
      projectId: key.projectId,
      accessLevel,
      orgId: key.orgId,
      plan: 'oss',
      rateLimitOverrides: [],
    },
  };
}
