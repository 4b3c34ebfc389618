import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { lackOf } from '../stacks.ts';
import { makeFakeCheckout } from './testing/fake-checkout.ts';

const ENGINE =
  'node_modules/.pnpm/@prisma+client@6.3.0_x/node_modules/.prisma/client/libquery_engine-debian-openssl-3.0.x.so.node';
const without = makeFakeCheckout();
const withEngine = makeFakeCheckout({ files: { [ENGINE]: '' } });
afterAll(() => {
  for (const directory of [without, withEngine]) rmSync(directory, { recursive: true });
});

const lack = (directory: string, capability: 'dns' | 'link', on: string) =>
  lackOf({ kind: 'source', directory }, capability, on, 'some-fault');

test("the name of Postgres alone can't fail where Prisma's engine does not ask our DNS server", () => {
  expect(lack(withEngine, 'dns', 'web→postgres')).toContain('Postgres is given to it by address');
  expect(lack(withEngine, 'dns', 'web→clickhouse')).toBeUndefined();
  expect(lack(withEngine, 'link', 'web→postgres')).toBeUndefined();
  expect(lack(without, 'dns', 'web→postgres')).toBeUndefined();
});
