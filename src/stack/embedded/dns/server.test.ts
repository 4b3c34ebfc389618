import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { type Packet, streamDecode, streamEncode } from 'dns-packet';
import { beforeAll, expect, test } from 'vitest';
import type { ViewFault, ZoneFault } from '../../stack.ts';
import { answersControl } from '../control-interface/call.ts';
import { choosePort, HOST } from '../ports.ts';
import { urlOf } from '../urls.ts';
import type { DnsConfig } from './config.ts';
import { dnsControl } from './control.ts';
import { serveControl } from './control-server.ts';
import { serveDns } from './server.ts';

const TOKEN = 'a token of this test';
const NAME = 's3.chaos.test';

let config: DnsConfig;
let resolver: Resolver;

/** The resolver of Node, c-ares, for one view; the TCP side has the same port, as it has behind Toxiproxy. */
function resolverFor(from: 'web' | 'worker', timeout = 2000): Resolver {
  const made = new Resolver({ timeout, maxTimeout: timeout, tries: 1 });
  made.setServers([`${HOST}:${config.views[from].udp}`]);
  return made;
}

beforeAll(async () => {
  const taken = new Set<number>();
  const web = await choosePort(taken);
  const worker = await choosePort(taken);
  config = {
    host: HOST,
    control: await choosePort(taken),
    token: TOKEN,
    views: { web: { udp: web, tcp: web }, worker: { udp: worker, tcp: worker } },
    names: [NAME],
  };
  await serveControl(config, await serveDns(config));
  resolver = resolverFor('web');
});

const control = () => dnsControl(urlOf(config.control), TOKEN);

test('a resolver is sent from UDP to TCP for every question, and remembers nothing', async () => {
  const start = Date.now();
  expect(await resolver.resolve4(NAME)).toEqual([HOST]);
  expect(await resolver.resolve4(NAME)).toEqual([HOST]);
  const asked = await control().queries(start);
  expect(asked.map(({ transport, answer }) => `${transport} ${answer}`)).toEqual([
    'udp truncated',
    'tcp address',
    'udp truncated',
    'tcp address',
  ]);
  expect(asked.every(({ from, name, type }) => from === 'web' && name === NAME && type === 'A')).toBe(true);
});

test('a fault is seen by its process only, and ends when it is cleared', async () => {
  const worker = resolverFor('worker');
  await control().setFault('web', NAME, { kind: 'nxdomain' });
  await expect(resolver.resolve4(NAME)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(await worker.resolve4(NAME)).toEqual([HOST]);
  await control().setFault('web', NAME, { kind: 'servfail' });
  await expect(resolver.resolve4(NAME)).rejects.toMatchObject({ code: 'ESERVFAIL' });
  await control().clearFault('web', NAME);
  expect(await resolver.resolve4(NAME)).toEqual([HOST]);
});

test('a name that the stack does not have cannot be made faulty', async () => {
  await expect(control().setFault('web', 'typo.chaos.test', { kind: 'nxdomain' })).rejects.toMatchObject({
    code: 'E_DNS_CONTROL',
  });
});

test('a fault that is none, or lacks its parameter, is refused', async () => {
  const wrong = [
    { kind: 'exploded' },
    { kind: 'slow' },
    { kind: 'address', address: 'example.com' },
    'nxdomain',
  ];
  for (const fault of wrong) {
    await expect(control().setFault('web', NAME, fault as ZoneFault)).rejects.toMatchObject({
      code: 'E_DNS_CONTROL',
    });
  }
  await expect(control().setViewFault('web', 'exploded' as ViewFault)).rejects.toMatchObject({
    code: 'E_DNS_CONTROL',
  });
});

test('each kind of fault is what a resolver makes of it, and is named in the log', async () => {
  const outcomeOf = async (fault: ZoneFault, timeout = 2000) => {
    const start = Date.now();
    await control().setFault('web', NAME, fault);
    // A new one each time: c-ares shortens its time-out by what it has seen before.
    const outcome = await resolverFor('web', timeout)
      .resolve4(NAME)
      .catch(({ code }) => code);
    // A silent name is so over UDP already, so that nothing is asked over TCP.
    const over = fault.kind === 'silent' ? 'udp' : 'tcp';
    const asked = (await control().queries(start)).filter(({ transport }) => transport === over);
    await control().clearFault('web', NAME);
    expect(asked.at(-1)?.fault).toBe(fault.kind);
    return { outcome, answer: asked.at(-1)?.answer, ms: Date.now() - start };
  };
  expect(await outcomeOf({ kind: 'refused' })).toMatchObject({ outcome: 'EREFUSED', answer: 'refused' });
  expect(await outcomeOf({ kind: 'empty' })).toMatchObject({ outcome: 'ENODATA', answer: 'empty' });
  expect(await outcomeOf({ kind: 'silent' }, 300)).toMatchObject({ outcome: 'ETIMEOUT', answer: 'none' });
  expect(await outcomeOf({ kind: 'address', address: '127.9.9.9' })).toMatchObject({
    outcome: ['127.9.9.9'],
  });
  expect(await outcomeOf({ kind: 'flapping', periodMs: 60_000 })).toMatchObject({ outcome: 'ENOTFOUND' });
  expect(await outcomeOf({ kind: 'aaaa-only', address: '::1' })).toMatchObject({ outcome: 'ENODATA' });
  const slow = await outcomeOf({ kind: 'slow', delayMs: 200 });
  expect(slow).toMatchObject({ outcome: [HOST], answer: 'address' });
  expect(slow.ms).toBeGreaterThanOrEqual(200);
});

test('all names of one process are hit, over TCP alone or over both, until that is cleared', async () => {
  const start = Date.now();
  const ask = () =>
    resolverFor('web', 300)
      .resolve4(NAME)
      .catch(({ code }) => code);
  await control().setViewFault('web', 'udp-only');
  expect(await ask()).not.toEqual([HOST]);
  await control().setViewFault('web', 'away');
  expect(await ask()).toBe('ETIMEOUT');
  expect(await resolverFor('worker').resolve4(NAME)).toEqual([HOST]);
  await control().setViewFault('web', undefined);
  expect(await ask()).toEqual([HOST]);
  const asked = (await control().queries(start)).filter(({ from }) => from === 'web');
  expect(
    new Set(asked.map(({ transport, answer, fault }) => `${transport} ${answer} ${fault ?? ''}`)),
  ).toEqual(new Set(['udp truncated ', 'tcp cut udp-only', 'udp none away', 'tcp address ']));
});

test('nobody is let in without the token', async () => {
  expect(await answersControl(urlOf(config.control), TOKEN)).toBe(true);
  expect(await answersControl(urlOf(config.control), 'another token')).toBe(false);
});

test('one connection may carry several questions, cut anywhere; rubbish ends it', async () => {
  const ask = (id: number): Packet => ({ type: 'query', id, questions: [{ type: 'A', name: NAME }] });
  const bytes = Buffer.concat([streamEncode(ask(1)), streamEncode(ask(2))]);
  const socket = connect({ host: HOST, port: config.views.web.tcp, noDelay: true });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
  });
  for (const byte of bytes) await new Promise((written) => socket.write(Buffer.of(byte), written));
  await expect.poll(() => idsIn(received)).toEqual([1, 2]);
  socket.write(Buffer.of(0, 3, 1, 2, 3));
  await closed;
});

/** The ids of the whole messages in what was received. */
function idsIn(bytes: Buffer): (number | undefined)[] {
  if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return [];
  return [streamDecode(bytes).id, ...idsIn(bytes.subarray(2 + bytes.readUInt16BE(0)))];
}
