import { ChaosError } from '../../base/errors.ts';
import { secretForms } from '../../base/secret-settings.ts';
import type { Access, Target } from '../../langfuse/access.ts';
import { notHere } from './not-here.ts';
import type { ExternalTarget } from './schema.ts';
import type { Value } from './secret.ts';

/** Environment variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a target is and how it is reached, its secrets read from the environment. Nothing is read before it is asked for: faults can be
 * undone without any of it.
 */
export function reach(
  target: ExternalTarget,
  env: Environment,
): { readonly target: Target; readonly access: Access } {
  const { project, web, worker, clickhouse, redis, s3 } = target;
  const read = (value: Value) => readValue(value, env);
  return {
    target: {
      url: web.url,
      get workerUrl() {
        if (worker) return worker.url;
        throw notHere('address of its worker', 'worker.url is not in its file');
      },
      projectId: project.id,
      get publicKey() {
        return read(project.publicKey);
      },
      get secretKey() {
        return read(project.secretKey);
      },
    },
    access: {
      get clickhouse() {
        const { url, database } = clickhouse;
        return { url, database, username: read(clickhouse.username), password: read(clickhouse.password) };
      },
      get redis() {
        const url = new URL(redis.url);
        if (redis.username) url.username = encodeURIComponent(read(redis.username));
        if (redis.password) url.password = encodeURIComponent(read(redis.password));
        return { url: url.href, ...(redis.keyPrefix ? { keyPrefix: redis.keyPrefix } : {}) };
      },
      get postgres(): { readonly url: string } {
        throw notHere('way to its Postgres', 'the harness needs none there');
      },
      get s3() {
        const { endpoint, region, bucket, prefix } = s3;
        return {
          endpoint,
          region,
          bucket,
          prefix,
          accessKeyId: read(s3.accessKeyId),
          secretAccessKey: read(s3.secretAccessKey),
        };
      },
    },
  };
}

/** The values that a target's file names variables for. */
function valuesOf({ project, clickhouse, redis, s3 }: ExternalTarget): Value[] {
  return [
    project.publicKey,
    project.secretKey,
    clickhouse.username,
    clickhouse.password,
    ...(redis.username ? [redis.username] : []),
    ...(redis.password ? [redis.password] : []),
    s3.accessKeyId,
    s3.secretAccessKey,
  ];
}

/** Variables that a target's file names and that are not set, or are empty. */
export function missingVariables(target: ExternalTarget, env: Environment): string[] {
  return valuesOf(target).flatMap((value) =>
    typeof value === 'string' || env[value.env] ? [] : [value.env],
  );
}

/** Every text that must not reach a report, a log or a history, of those that are known. */
export function secretTexts(target: ExternalTarget, env: Environment): string[] {
  const { project, clickhouse, redis, s3 } = target;
  const known = [
    project.secretKey,
    clickhouse.password,
    ...(redis.password ? [redis.password] : []),
    s3.secretAccessKey,
  ].flatMap((secret) => env[secret.env] ?? []);
  const publicKey = typeof project.publicKey === 'string' ? project.publicKey : env[project.publicKey.env];
  const basic = Buffer.from(`${publicKey}:${env[project.secretKey.env]}`).toString('base64');
  return [...new Set([...known, ...known.flatMap(secretForms), basic])].filter((text) => text !== '');
}

function readValue(value: Value, env: Environment): string {
  if (typeof value === 'string') return value;
  const found = env[value.env];
  if (found) return found;
  throw new ChaosError({
    code: 'E_EXTERNAL_ENV',
    happened: `The environment variable ${value.env}, which the target's file names, is not set.`,
    remedy: 'set it and run again.',
  });
}
