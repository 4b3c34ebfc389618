/**
 * The service `prepare` of docker-compose.yml: waits until every server answers, makes Toxiproxy's proxies and the bucket, and ends.
 * Only by hand: the harness does it from outside.
 */
import { waitUntil } from '../../base/wait-until.ts';
import type { Secrets } from '../secrets.ts';
import type { Component } from '../stack.ts';
import { type Address, SERVERS } from './layout.ts';
import { populateDockerLinks } from './links.ts';
import { askComponent, type ProbePlace } from './probes.ts';
import type { DockerPorts } from './state.ts';

const TIMEOUT_MS = 180_000;
const SERVER_NAMES = ['redis', 'postgres', 's3', 'clickhouse'] as const;

/** The variable that docker-compose.yml sets. */
const { ports, secrets } = JSON.parse(process.env.LANGFUSE_CHAOS_PREPARE ?? '{}') as {
  ports: DockerPorts;
  secrets: Secrets;
};
const place: ProbePlace = {
  addressOf: (name: Component): Address =>
    name === 'toxiproxy'
      ? { host: '127.0.0.1', port: ports.toxiproxy }
      : SERVERS[name as keyof typeof SERVERS],
  secrets,
};
await Promise.all(
  (['toxiproxy', ...SERVER_NAMES] as const).map(async (name) => {
    const look = async () => ({ version: await askComponent(name, place) });
    const { version } = await waitUntil(`${name} to answer`, look, {
      timeoutMs: TIMEOUT_MS,
      intervalMs: 200,
    });
    console.log(`${name} is up${version ? ` (${version})` : ''}`);
  }),
);
await populateDockerLinks(`http://127.0.0.1:${ports.toxiproxy}`, ports);
console.log('the links and the bucket are there');
