import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { bindFault } from '../src/faults/catalogue.ts';
import type { FaultSpec } from '../src/scenario/scenario.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import type { Stack } from '../src/stack/stack.ts';
import { sendTrace, untilLanded } from './support/stack.ts';

/* Every fault of the catalogue on a real stack: it is felt once the process meets it, and healed once it is undone. */

let stack: Stack;
beforeAll(async () => {
  // A resolver that gives up after a second, where nothing answers.
  const quick = { REFERENCE_BACKOFF_SCALE: '0.1', RES_OPTIONS: 'timeout:1 attempts:1' };
  stack = await startEmbeddedStack({ settings: { web: quick, worker: quick } });
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Has the web read from ClickHouse, and the worker process a job. */
async function use(): Promise<void> {
  const { url, publicKey, secretKey } = stack.target;
  const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  await Promise.all([sendTrace(stack), fetch(`${url}/api/public/traces`, { headers: { authorization } })]);
}

/** What the process was told when it asked for the name, as it stands in the DNS server's log. */
const DNS_ROWS = (
  [
    [{ name: 'dns-servfail', on: 'web→s3' }, 'was answered with SERVFAIL'],
    [{ name: 'dns-refused', on: 'web→s3' }, 'was answered with REFUSED'],
    [{ name: 'dns-empty', on: 'worker→s3' }, 'was told that it has no address'],
    [{ name: 'dns-black-hole', on: 'web→clickhouse' }, 'was not answered'],
    [{ name: 'dns-slow', on: 'worker→clickhouse', delayMs: 300 }, 'was answered late'],
    [{ name: 'dns-address-gone', on: 'web→s3' }, 'was told the address of a host that is gone'],
    [{ name: 'dns-flapping', on: 'worker→clickhouse' }, 'was told that it does not exist'],
    [{ name: 'dns-aaaa-only', on: 'web→s3' }, 'was told of an IPv6 address or of none'],
    [{ name: 'dns-udp-only', on: 'worker→dns' }, 'was cut off over TCP'],
    [{ name: 'resolver-away', on: 'worker→dns' }, 'got no answer at all'],
  ] as const
)
// Connections of every link are cut: Redis's is made again at once.
  .map(([spec, felt]) => ({ spec, feltAtOnce: spec.on === 'worker→dns', felt }));

test.each<{ spec: FaultSpec; feltAtOnce: boolean; felt: string }>([
  {
    spec: { name: 'refused', on: 'worker→clickhouse' },
    feltAtOnce: false,
    felt: 'the worker logged "connect ECONNREFUSED',
  },
  {
    spec: { name: 'refused', on: 'web→clickhouse' },
    feltAtOnce: false,
    felt: 'the web logged "connect ECONNREFUSED',
  },
  { spec: { name: 'name-gone', on: 'worker→clickhouse' }, feltAtOnce: false, felt: 'the worker asked for' },
  { spec: { name: 'name-gone', on: 'web→clickhouse' }, feltAtOnce: false, felt: 'the web asked for' },
  ...DNS_ROWS,
  { spec: { name: 'killed', on: 'worker' }, feltAtOnce: true, felt: 'the process worker is gone' },
])(
  '$spec.name on $spec.on: injected, felt when it is met, recovered, healed',
  async ({ spec, feltAtOnce, felt }) => {
    const fault = bindFault(spec);
    // Undoing what was never done does no harm: `undo` after a kill may do so.
    await fault.recover(stack);
    const since = Date.now();
    await fault.inject(stack);
    try {
      if (!feltAtOnce) expect(await fault.felt(stack, since)).toBeUndefined();
      await use();
      const seen = await waitUntil('the fault to be felt', () => fault.felt(stack, since), {
        timeoutMs: 10_000,
      });
      expect(seen).toContain(felt);
    } finally {
      await fault.recover(stack);
    }
    await waitUntil('the fault to heal', () => fault.healed(stack), { timeoutMs: 20_000 });
    await untilLanded(stack, (await sendTrace(stack)).id);
  },
);
