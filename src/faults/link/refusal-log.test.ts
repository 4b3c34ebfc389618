import { expect, test } from 'vitest';
import type { Stack } from '../../stack/stack.ts';
import { metRefusal } from './refusal-log.ts';

const since = Date.parse('2026-01-01T00:00:10.000Z');

/** A stack whose worker has logged these lines. */
function stackWith(...lines: string[]): Stack {
  return {
    linkAddress: () => ({ host: '127.0.0.1', port: 4000 }),
    component: (name: string) => ({ log: async () => (name === 'worker' ? lines : []) }),
  } as unknown as Stack;
}

const line = (second: string, address: string) =>
  `{"time":"2026-01-01T00:00:${second}.000Z","err":{"message":"connect ECONNREFUSED ${address}"}}`;

test('a refusal that the process itself logged since the injection is felt', async () => {
  const stack = stackWith(line('05', '127.0.0.1:4000'), line('11', '127.0.0.1:4000'));
  expect(await metRefusal('worker→clickhouse', stack, since)).toBe(
    'the worker logged "connect ECONNREFUSED 127.0.0.1:4000"',
  );
});

test('an older one, one of another link, one of another process, and silence are not', async () => {
  expect(
    await metRefusal('worker→clickhouse', stackWith(line('05', '127.0.0.1:4000')), since),
  ).toBeUndefined();
  expect(
    await metRefusal('worker→clickhouse', stackWith(line('11', '127.0.0.1:40001')), since),
  ).toBeUndefined();
  expect(await metRefusal('web→clickhouse', stackWith(line('11', '127.0.0.1:4000')), since)).toBeUndefined();
  expect(
    await metRefusal('worker→clickhouse', stackWith('connect ECONNREFUSED 127.0.0.1:4000'), since),
  ).toBeUndefined();
});
