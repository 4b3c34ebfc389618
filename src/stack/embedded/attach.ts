import { secretValues } from '../../base/secret-settings.ts';
import { dataFolderOf } from '../folder.ts';
import { removeStack } from '../remove.ts';
import { endsOf, type Link, type Stack } from '../stack.ts';
import { clickhouseControl } from './clickhouse/profiles.ts';
import { clockControl } from './clock/control.ts';
import { componentControl } from './control.ts';
import { dnsControl } from './dns/control.ts';
import { readExchanges } from './exchanges/exchanges.ts';
import { httpControl } from './http-proxy/control.ts';
import { leadLink, upstreamOf } from './links.ts';
import { PROJECT_ID } from './parts/application.ts';
import { HOST } from './ports.ts';
import { replaceProcess } from './replace.ts';
import { readState, type Secrets } from './state.ts';
import {
  CLICKHOUSE_DATABASE,
  CLICKHOUSE_USER,
  postgresUrl,
  redisUrl,
  S3_BUCKET,
  S3_PREFIX,
  S3_REGION,
  toxiproxyUrl,
  urlOf,
} from './urls.ts';

/**
 * Takes hold of a stack that was started by this or another process.
 *
 * @param folder the stack's folder
 * @throws ChaosError `E_STACK_STATE` when there is no stack
 */
export async function attachEmbeddedStack(folder: string): Promise<Stack> {
  const { id, spec, ports, secrets, settings, versions, other } = readState(folder);
  const stack: Stack = {
    spec,
    id,
    folder,
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
    toxiproxyUrl: toxiproxyUrl(ports),
    dns: dnsControl(urlOf(ports.dns), secrets.dnsToken),
    clickhouse: clickhouseControl(dataFolderOf(folder, 'clickhouse')),
    http: httpControl({
      url: urlOf(ports['http-proxy']),
      token: secrets.httpProxyToken,
      lead: (link, through) => leadLink(ports, link, through),
      runs: async () => (await componentControl(folder, 'http-proxy').state()) === 'running',
    }),
    clock: clockControl(folder),
    secrets: [...secretTexts(secrets), ...secretValues(settings)],
    versions,
    component: (name) => componentControl(folder, name),
    linkAddress: (link: Link) => ({ host: HOST, port: ports[link] }),
    linkUpstream: (link: Link) => ({ host: HOST, port: ports[upstreamOf(link)] }),
    exchanges: (link: Link) => readExchanges(dataFolderOf(folder, endsOf(link).from), ports[link]),
    [Symbol.asyncDispose]: () => removeStack(folder),
  };
  if (!other) return stack;
  return { ...stack, replace: (process, by, signal) => replaceProcess(stack, process, by, signal) };
}

/** The public key and the S3 key's id are no secrets; key and secret together also travel as one text. */
export function secretTexts({ publicKey, s3AccessKeyId: _id, ...secrets }: Secrets): string[] {
  const basic = Buffer.from(`${publicKey}:${secrets.secretKey}`).toString('base64');
  return [...Object.values(secrets), basic];
}
