import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { dnsConfigSchema } from '../embedded/dns/config.ts';
import { hostNameOf, NAMED } from '../embedded/dns/names.ts';
import { httpProxyConfigSchema } from '../embedded/http-proxy/config.ts';
import { PROJECT_ID } from '../embedded/parts/application.ts';
import { CLICKHOUSE_USER, S3_BUCKET, S3_PREFIX, S3_REGION } from '../embedded/urls.ts';
import { HTTP_LINKS } from '../http.ts';
import { APP_PROCESSES, COMPONENTS, endsOf, LINKS } from '../stack.ts';
import { composeVariables, requireOtherImages } from './environment.ts';
import { langfuseImage } from './images.ts';
import { HTTP_PROXY, RESOLVERS, SERVERS, upstreamOf } from './layout.ts';
import type { DockerState } from './state.ts';

interface Service {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly network_mode?: string;
  readonly volumes?: readonly { readonly source: string; readonly target: string }[];
}

const root = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('docker-compose.yml', root), 'utf8');

/** The file as compose reads it with these variables. */
function services(variables: Readonly<Record<string, string>> = {}): Readonly<Record<string, Service>> {
  const filled = text.replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_all, name: string, otherwise: string) => variables[name] ?? otherwise,
  );
  return parse(filled, { merge: true }).services;
}

const serviceOf = (name: string, all = services()): Service => {
  const found = all[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};

const secrets: DockerState['secrets'] = {
  redisPassword: 'secret-1',
  postgresPassword: 'secret-2',
  clickhousePassword: 'secret-3',
  s3AccessKeyId: 'key',
  s3SecretAccessKey: 'secret-4',
  dnsToken: 'a-token-for-the-dns-server',
  httpProxyToken: 'a-token-for-the-http-proxy',
  publicKey: 'pk-lf-1',
  secretKey: 'sk-lf-1',
  salt: 'secret-5',
  encryptionKey: '0'.repeat(64),
  authSecret: 'secret-6',
};
const ports = Object.fromEntries(
  [...COMPONENTS, ...LINKS].map((name, index) => [name, 15_000 + index]),
) as DockerState['ports'];
const state: DockerState = {
  version: 2,
  id: '0123456789',
  spec: { kind: 'docker', version: '4.16.0' },
  replaced: [],
  owner: { pid: 1, startTime: '' },
  detached: false,
  byHand: false,
  redisAppendOnly: true,
  settings: {},
  secrets,
  ports,
  versions: {},
  dockerHost: 'unix:///var/run/docker.sock',
};

test('no image moves: each is named with a whole version, and Langfuse with the pinned default', () => {
  const all = services();
  for (const { image } of Object.values(all))
    expect(image).toMatch(/:v?\d+\.\d+(\.\d+)+(-[a-z-]+)?$|:17\.6$|:7\.4\.2$/);
  for (const process of APP_PROCESSES) expect(serviceOf(process, all).image).toBe(langfuseImage(process));
});

test('every port is published on 127.0.0.1 only', () => {
  const published = Object.values(services()).flatMap((service) => service.ports ?? []);
  expect(published).toHaveLength(COMPONENTS.length + LINKS.length);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test('every variable of a stack is one of the file, and arrives: ports, passwords, images', () => {
  const variables = composeVariables(state, {});
  for (const name of Object.keys(variables)) expect(text).toContain(`\${${name}:-`);
  const all = services(variables);
  expect(serviceOf('web', all).image).toBe(langfuseImage('web', '4.16.0'));
  expect(serviceOf('worker', all).environment.CLICKHOUSE_URL).toBe(
    `http://clickhouse.chaos.test:${ports['worker→clickhouse']}`,
  );
  const published = Object.values(all).flatMap((service) => service.ports ?? []);
  for (const port of Object.values(ports)) expect(published.join()).toContain(`127.0.0.1:${port}:`);
  const whole = JSON.stringify(all);
  for (const secret of Object.values(secrets)) expect(whole).toContain(secret);
});

test('an image that the user names is left to them, the other version has variables of its own', () => {
  const env = { LANGFUSE_CHAOS_IMAGE_WEB: 'mine:1', LANGFUSE_CHAOS_OTHER_IMAGE_WORKER: 'mine:2' };
  const upgrade: DockerState = { ...state, other: { kind: 'docker', version: '4.17.0' } };
  expect(composeVariables(state, env)).toMatchObject({
    LANGFUSE_CHAOS_IMAGE_WEB: 'mine:1',
    LANGFUSE_CHAOS_IMAGE_WORKER: langfuseImage('worker', '4.16.0'),
  });
  expect(composeVariables({ ...upgrade, replaced: ['web', 'worker'] }, env)).toMatchObject({
    LANGFUSE_CHAOS_IMAGE_WEB: langfuseImage('web', '4.17.0'),
    LANGFUSE_CHAOS_IMAGE_WORKER: 'mine:2',
  });
});

test('the image of the other version is another one: an upgrade to what runs already is refused', () => {
  const upgrade: DockerState = { ...state, other: { kind: 'docker', version: '4.17.0' } };
  const same = {
    LANGFUSE_CHAOS_IMAGE_WORKER: 'mine:1',
    LANGFUSE_CHAOS_OTHER_IMAGE_WORKER: 'mine:1',
  };
  expect(() => requireOtherImages(upgrade, {})).not.toThrow();
  expect(() =>
    requireOtherImages(upgrade, { ...same, LANGFUSE_CHAOS_OTHER_IMAGE_WORKER: 'mine:2' }),
  ).not.toThrow();
  expect(() => requireOtherImages(state, same)).not.toThrow();
  expect(() => requireOtherImages(upgrade, same)).toThrow(
    'The worker would be replaced by the image mine:1, which it runs already',
  );
  const other = { LANGFUSE_CHAOS_OTHER_IMAGE_WEB: langfuseImage('web', '4.16.0') };
  expect(() => requireOtherImages(upgrade, other)).toThrow('The web would be replaced by the image');
});

test('the DNS server and the HTTP proxy take what the file gives them, and it is what the harness believes', () => {
  const dns = dnsConfigSchema.parse(JSON.parse(serviceOf('dns').environment.LANGFUSE_CHAOS_DNS_CONFIG ?? ''));
  expect(dns.names).toEqual(NAMED.map(hostNameOf));
  for (const process of APP_PROCESSES) {
    const { host = dns.host, udp, tcp } = dns.views[process];
    expect({ host, port: udp }).toEqual(RESOLVERS[process]);
    expect({ host, port: tcp }).toEqual(upstreamOf(`${process}→dns`));
  }
  const proxy = httpProxyConfigSchema.parse(
    JSON.parse(serviceOf('http-proxy').environment.LANGFUSE_CHAOS_HTTP_PROXY_CONFIG ?? ''),
  );
  for (const link of HTTP_LINKS) {
    const { listen, upstream, upstreamHost } = proxy.routes[link];
    expect({ host: proxy.host, port: listen }).toEqual(HTTP_PROXY[link]);
    expect({ host: upstreamHost, port: upstream }).toEqual(SERVERS[endsOf(link).to as 's3' | 'clickhouse']);
  }
});

test('web and worker know names only, and are given what the harness believes', () => {
  for (const process of APP_PROCESSES) {
    const { environment, volumes = [], network_mode: mode } = serviceOf(process);
    expect(mode).toBe('service:network');
    const [resolv] = volumes.filter(({ target }) => target === '/etc/resolv.conf');
    const content = readFileSync(new URL(resolv?.source ?? '', root), 'utf8');
    expect(content).toContain(`\nnameserver ${RESOLVERS[process].host}\n`);
    const urls = [
      'DATABASE_URL',
      'REDIS_CONNECTION_STRING',
      'CLICKHOUSE_URL',
      'LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT',
    ];
    const hosts = urls.map((name) => new URL(environment[name] ?? '').hostname).sort();
    expect(hosts).toEqual(NAMED.map(hostNameOf).sort());
    expect(environment).toMatchObject({
      CLICKHOUSE_USER,
      LANGFUSE_S3_EVENT_UPLOAD_BUCKET: S3_BUCKET,
      LANGFUSE_S3_EVENT_UPLOAD_PREFIX: S3_PREFIX,
      LANGFUSE_S3_EVENT_UPLOAD_REGION: S3_REGION,
      LANGFUSE_INIT_PROJECT_ID: PROJECT_ID,
    });
  }
});
