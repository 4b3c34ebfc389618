import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { DnsQuery, Stack } from '../../stack/stack.ts';
import { bindFault } from '../catalogue.ts';

/** A stack whose DNS server was asked these questions. */
function stackWith(...queries: Partial<DnsQuery>[]): Stack {
  return {
    dns: {
      nameOf: (dependency: string) => `${dependency}.test`,
      queries: async () => queries,
    },
  } as unknown as Stack;
}

const question = { from: 'web', name: 's3.test', type: 'A', transport: 'tcp' } as const;

test('a fault of a name is felt when the process was told of it, and by nothing else', async () => {
  const felt = (...queries: Partial<DnsQuery>[]) =>
    bindFault({ name: 'dns-refused', on: 'web→s3' }).felt(stackWith(...queries), 0, { web: 0, worker: 0 });
  expect(await felt({ ...question, fault: 'refused' })).toBe(
    'the web asked for s3.test and was answered with REFUSED',
  );
  expect(await felt({ ...question })).toBeUndefined();
  expect(await felt({ ...question, fault: 'servfail' })).toBeUndefined();
  expect(await felt({ ...question, from: 'worker', fault: 'refused' })).toBeUndefined();
  expect(await felt({ ...question, name: 'redis.test', fault: 'refused' })).toBeUndefined();
});

test('a fault of the resolver is felt by any name', async () => {
  const felt = (...queries: Partial<DnsQuery>[]) =>
    bindFault({ name: 'resolver-away', on: 'worker→dns' }).felt(stackWith(...queries), 0, {
      web: 0,
      worker: 0,
    });
  expect(await felt({ ...question, from: 'worker', fault: 'away' })).toBe(
    'the worker asked for s3.test and got no answer at all',
  );
  expect(await felt({ ...question, fault: 'away' })).toBeUndefined();
});

test('the address of a host that is gone stays on this machine; a resolver has no name; a name is no resolver', () => {
  const bind = (spec: { name: string; on: string; [more: string]: unknown }) => () => bindFault(spec);
  expect(bind({ name: 'dns-address-gone', on: 'web→s3', address: '10.0.0.1' })).toThrow('loopback');
  expect(bind({ name: 'dns-slow', on: 'web→dns' })).toThrow('the resolver has no name');
  expect(bind({ name: 'dns-udp-only', on: 'web→s3' })).toThrow('only a link to the resolver');
  expect(bind({ name: 'dns-slow', on: 'web→s3' })().spec).toMatchObject({ delayMs: 2000 });
});

test('undoing opens the links again, in case the harness was cut off while it closed their connections', async () => {
  const opened: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (body) => opened.push(`${decodeURIComponent(request.url ?? '')} ${body}`));
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const stack = {
    toxiproxyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dns: {
      nameOf: (to: string) => to,
      clearFault: async () => void opened.push('fault cleared'),
      setViewFault: async () => void opened.push('view fault cleared'),
    },
  } as unknown as Stack;
  await bindFault({ name: 'name-gone', on: 'web→s3' }).recover(stack);
  expect(opened.splice(0)).toEqual(['fault cleared', '/proxies/web→s3 {"enabled":true}']);
  await bindFault({ name: 'resolver-away', on: 'worker→dns' }).recover(stack);
  expect(opened[0]).toBe('view fault cleared');
  expect(opened.slice(1).toSorted()).toEqual(
    ['clickhouse', 'postgres', 'redis', 's3'].map((to) => `/proxies/worker→${to} {"enabled":true}`),
  );
});
