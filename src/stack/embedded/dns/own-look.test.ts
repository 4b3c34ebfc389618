import { Resolver } from 'node:dns/promises';
import { beforeAll, expect, test } from 'vitest';
import { choosePort, HOST } from '../ports.ts';
import { lookOverTcp } from './own-look.ts';
import { type DnsServer, serveDns } from './server.ts';

const NAME = 's3.chaos.test';

let server: DnsServer;
let port: number;
beforeAll(async () => {
  const taken = new Set<number>();
  port = await choosePort(taken);
  const web = await choosePort(taken);
  const config = {
    host: HOST,
    control: await choosePort(taken),
    token: 'a token of this test',
    names: [NAME],
  };
  server = await serveDns({
    ...config,
    views: { web: { udp: web, tcp: web }, worker: { udp: port, tcp: port } },
  });
});

const look = (timeoutMs = 2000) => lookOverTcp({ host: HOST, port }, NAME, timeoutMs);

test('a look of our own is answered as the process would be, and is not in the log as one of the process', async () => {
  const { worker } = server.views;
  expect(await look()).toEqual([HOST]);
  worker.faults.set(NAME, { fault: { kind: 'nxdomain' }, since: 0 });
  expect(await look()).toEqual([]);
  worker.faults.set(NAME, { fault: { kind: 'servfail' }, since: 0 });
  expect(await look()).toEqual([]);
  worker.fault = 'udp-only';
  await expect(look()).rejects.toThrow('closed without an answer');
  worker.fault = 'away';
  await expect(look(100)).rejects.toThrow('no answer within 100 ms');
  worker.fault = undefined;
  worker.faults.clear();
  expect(server.queries).toEqual([]);

  const resolver = new Resolver();
  resolver.setServers([`${HOST}:${port}`]);
  await resolver.resolve4(NAME);
  expect(server.queries.map(({ from, transport }) => `${from} ${transport}`)).toEqual([
    'worker udp',
    'worker tcp',
  ]);
});
