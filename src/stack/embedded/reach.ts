import type { Access, Target } from '../../langfuse/access.ts';
import type { Secrets } from '../secrets.ts';
import { PROJECT_ID } from './parts/application.ts';
import { HOST } from './ports.ts';
import type { StackState } from './state.ts';
import {
  CLICKHOUSE_DATABASE,
  CLICKHOUSE_USER,
  postgresUrl,
  redisUrl,
  S3_BUCKET,
  S3_PREFIX,
  S3_REGION,
  urlOf,
} from './urls.ts';

type Ports = Pick<StackState['ports'], 'web' | 'worker' | 'clickhouse' | 'redis' | 'postgres' | 's3'>;

/** Where the parts of a stack on this machine's ports are reached past every link, be they processes or containers. */
export function reachOf(
  ports: Ports,
  secrets: Secrets,
): { readonly target: Target; readonly access: Access } {
  return {
    target: {
      url: urlOf(ports.web),
      workerUrl: urlOf(ports.worker),
      projectId: PROJECT_ID,
      publicKey: secrets.publicKey,
      secretKey: secrets.secretKey,
    },
    access: {
      clickhouse: {
        url: urlOf(ports.clickhouse),
        username: CLICKHOUSE_USER,
        password: secrets.clickhousePassword,
        database: CLICKHOUSE_DATABASE,
      },
      redis: { url: redisUrl(HOST, ports.redis, secrets.redisPassword) },
      postgres: { url: postgresUrl(HOST, ports.postgres, secrets.postgresPassword) },
      s3: {
        endpoint: urlOf(ports.s3),
        region: S3_REGION,
        bucket: S3_BUCKET,
        prefix: S3_PREFIX,
        accessKeyId: secrets.s3AccessKeyId,
        secretAccessKey: secrets.s3SecretAccessKey,
      },
    },
  };
}
