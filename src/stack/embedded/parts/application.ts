import { createRequire } from 'node:module';
import { referenceWebLaunch, referenceWorkerLaunch } from '../../../reference/launch.ts';
import { dataFolderOf } from '../../folder.ts';
import type { AppProcess } from '../../stack.ts';
import { hostNameOf } from '../dns/names.ts';
import { HOST } from '../ports.ts';
import type { StackState } from '../state.ts';
import {
  CLICKHOUSE_DATABASE,
  CLICKHOUSE_USER,
  postgresUrl,
  redisUrl,
  S3_BUCKET,
  S3_PREFIX,
  S3_REGION,
  urlOf,
} from '../urls.ts';
import { type Part, PROBE_TIMEOUT_MS } from './part.ts';

/** Id of the one organisation. */
export const ORGANISATION_ID = 'chaos-organisation';
/** Id of the one project. */
export const PROJECT_ID = 'chaos-project';

/** What is loaded into each of the two: notes of what its connections meet, a clock that can be set, the stack's resolver. */
const PRELOADS = ['../exchanges/preload.cjs', '../clock/preload.cjs', '../dns/preload.cjs'].map((file) =>
  createRequire(import.meta.url).resolve(file),
);

/** The reference pipeline's web process. */
export const webPart: Part = {
  name: 'web',
  tcp: ['web'],
  udp: [],
  stopSignal: 'SIGTERM',
  launch: async (folder, state) =>
    referenceWebLaunch({ ...environmentOf('web', state), ...notesOf('web', folder) }),
  probe: (_folder, state) => answerOf(`${urlOf(state.ports.web)}/api/public/health`),
};

/** The reference pipeline's worker process. */
export const workerPart: Part = {
  name: 'worker',
  tcp: ['worker'],
  udp: [],
  stopSignal: 'SIGTERM',
  launch: async (folder, state) =>
    referenceWorkerLaunch({ ...environmentOf('worker', state), ...notesOf('worker', folder) }),
  probe: (_folder, state) => answerOf(`${urlOf(state.ports.worker)}/api/health`),
};

/** Where the preloads of a process find and leave their files. */
export const notesOf = (process: AppProcess, folder: string) => ({
  LANGFUSE_CHAOS_NOTES: dataFolderOf(folder, process),
});

/**
 * Langfuse's own variables, by which a real Langfuse could be started as well. A process is told host names only; the ports
 * are those of its links.
 */
export function environmentOf(process: AppProcess, state: StackState): Record<string, string> {
  const { spec, ports, secrets } = state;
  const reach = (dependency: 'clickhouse' | 'redis' | 'postgres' | 's3') =>
    [hostNameOf(dependency), ports[`${process}→${dependency}`]] as const;
  const at = (dependency: 'clickhouse' | 's3') => `http://${reach(dependency).join(':')}`;
  return {
    NODE_ENV: 'production',
    HOSTNAME: HOST,
    PORT: String(ports[process]),
    // Quoted, because the path may hold spaces.
    NODE_OPTIONS: PRELOADS.map((file) => `--require ${JSON.stringify(file)}`).join(' '),
    LANGFUSE_CHAOS_RESOLVER: `${HOST}:${ports[`${process}→dns`]}`,

    DATABASE_URL: postgresUrl(...reach('postgres'), secrets.postgresPassword),
    REDIS_CONNECTION_STRING: redisUrl(...reach('redis'), secrets.redisPassword),
    CLICKHOUSE_URL: at('clickhouse'),
    CLICKHOUSE_USER,
    CLICKHOUSE_PASSWORD: secrets.clickhousePassword,
    CLICKHOUSE_DB: CLICKHOUSE_DATABASE,
    CLICKHOUSE_CLUSTER_ENABLED: 'false',
    LANGFUSE_S3_EVENT_UPLOAD_BUCKET: S3_BUCKET,
    LANGFUSE_S3_EVENT_UPLOAD_PREFIX: S3_PREFIX,
    LANGFUSE_S3_EVENT_UPLOAD_REGION: S3_REGION,
    LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT: at('s3'),
    LANGFUSE_S3_EVENT_UPLOAD_ACCESS_KEY_ID: secrets.s3AccessKeyId,
    LANGFUSE_S3_EVENT_UPLOAD_SECRET_ACCESS_KEY: secrets.s3SecretAccessKey,
    LANGFUSE_S3_EVENT_UPLOAD_FORCE_PATH_STYLE: 'true',

    SALT: secrets.salt,
    ENCRYPTION_KEY: secrets.encryptionKey,
    NEXTAUTH_URL: urlOf(ports.web),
    NEXTAUTH_SECRET: secrets.authSecret,
    LANGFUSE_INIT_ORG_ID: ORGANISATION_ID,
    LANGFUSE_INIT_PROJECT_ID: PROJECT_ID,
    LANGFUSE_INIT_PROJECT_PUBLIC_KEY: secrets.publicKey,
    LANGFUSE_INIT_PROJECT_SECRET_KEY: secrets.secretKey,
    TELEMETRY_ENABLED: 'false',
    // A job starts at once; Langfuse's own default would hold it back for 5 s.
    LANGFUSE_INGESTION_QUEUE_DELAY_MS: '0',
    ...(spec.kind === 'embedded' ? { REFERENCE_PIPELINE: spec.pipeline } : {}),
    ...(spec.kind === 'embedded' && spec.defect !== undefined ? { REFERENCE_DEFECT: spec.defect } : {}),
    ...state.settings[process],
  };
}

/** Any answer will do: whether it is healthy is the run's question, and it may be started while a dependency is away. */
export async function answerOf(url: string): Promise<string | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  const body = (await response.json().catch(() => undefined)) as { version?: string } | undefined;
  return body?.version;
}
