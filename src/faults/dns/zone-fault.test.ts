import { expect, test } from 'vitest';
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
