import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { ChaosError } from '../../../base/errors.ts';
import { type ClickHouseOptions, ENVIRONMENT } from './launch.ts';

/** What the process is told through its environment. */
export interface FrontConfig extends ClickHouseOptions {
  /** Size of libuv's thread pool. */
  readonly threads: number;
}

const headerSafe = /^[\x20-\x7e]+$/;

const schema = z.object({
  [ENVIRONMENT.dataDir]: z.string().refine(isAbsolute, 'must be an absolute path'),
  [ENVIRONMENT.host]: z
    .string()
    .regex(/^(127(\.\d{1,3}){3}|::1|localhost)$/, 'must be a loopback address: the engine reads local files'),
  [ENVIRONMENT.port]: z.coerce.number().int().min(0).max(65_535),
  [ENVIRONMENT.user]: z.string().min(1),
  [ENVIRONMENT.password]: z.string(),
  [ENVIRONMENT.database]: z.string().min(1),
  [ENVIRONMENT.compatibility]: z.string().regex(/^\d+\.\d+$/, 'must be a release, such as 24.3'),
  [ENVIRONMENT.displayName]: z.string().regex(headerSafe, 'must be printable ASCII'),
  // Without it node has four threads, and a fifth query would wait for one of four slow ones.
  UV_THREADPOOL_SIZE: z.coerce.number().int().min(16),
  TZ: z.literal('UTC'),
});

/**
 * Reads the configuration; {@link ENVIRONMENT} names the variables and launch.ts sets them all.
 *
 * @throws ChaosError `E_CLICKHOUSE_CONFIG` naming each variable that is missing or wrong, without its value
 */
export function readConfig(env: NodeJS.ProcessEnv): FrontConfig {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ChaosError({
      code: 'E_CLICKHOUSE_CONFIG',
      happened: `The ClickHouse process was started with a wrong environment: ${faults.join('; ')}.`,
      remedy: 'start it with what clickhouseLaunch() in launch.ts gives.',
    });
  }
  const values = parsed.data;
  return {
    dataDir: values[ENVIRONMENT.dataDir],
    host: values[ENVIRONMENT.host],
    port: values[ENVIRONMENT.port],
    user: values[ENVIRONMENT.user],
    password: values[ENVIRONMENT.password],
    database: values[ENVIRONMENT.database],
    compatibility: values[ENVIRONMENT.compatibility],
    displayName: values[ENVIRONMENT.displayName],
    threads: values.UV_THREADPOOL_SIZE,
  };
}
