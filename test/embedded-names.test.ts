import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dnsControl } from '../src/stack/embedded/dns/control.ts';
import { serveControl } from '../src/stack/embedded/dns/control-server.ts';
import { serveDns } from '../src/stack/embedded/dns/server.ts';
import { choosePort, HOST } from '../src/stack/embedded/ports.ts';
import { urlOf } from '../src/stack/embedded/urls.ts';
import type { DnsControl, ZoneFault } from '../src/stack/stack.ts';

const run = promisify(execFile);
const PRELOAD = fileURLToPath(new URL('../src/stack/embedded/dns/preload.cjs', import.meta.url));
const NAME = 'clickhouse.chaos.test';
const OTHER = 's3.chaos.test';

/** What a program says of one look-up. */
interface Outcome {
  readonly value?: unknown;
  readonly error?: { message: string; code: string; errno?: number; syscall?: string; hostname?: string };
  readonly tookMs: number;
}

/** Evaluates expressions, each a promise, one after the other in a process with the preload. */
async function evaluate(
  resolverPort: number | string,
  expressions: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome[]> {
  const program = `
    import dns, { lookup } from 'node:dns';
    import net from 'node:net';
    import { promisify } from 'node:util';
    const called = (name, ...rest) => new Promise((resolve, reject) =>
      lookup(name, ...rest, (error, ...values) => (error ? reject(error) : resolve(values))));
    const outcomes = [];
    const note = async (look) => {
      const start = performance.now();
      const outcome = await look().then(
        (value) => ({ value: value ?? null }),
        (error) => ({ error: { ...error, message: error.message, code: error.code } }),
      );
      outcomes.push({ ...outcome, tookMs: performance.now() - start });
    };
    ${expressions.map((expression) => `await note(async () => ${expression});`).join('\n')}
    console.log(JSON.stringify(outcomes));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`,
      LANGFUSE_CHAOS_RESOLVER: `${HOST}:${resolverPort}`,
      ...environment,
    },
  });
  return JSON.parse(stdout);
}

const values = async (port: number, ...expressions: string[]) =>
  (await evaluate(port, expressions)).map(({ value, error }) => value ?? error);

let port: number;
let control: DnsControl;

beforeAll(async () => {
  const taken = new Set<number>();
  port = await choosePort(taken);
  const other = await choosePort(taken);
  const config = {
    host: HOST,
    control: await choosePort(taken),
    token: 'a token of this test',
    views: { web: { udp: port, tcp: port }, worker: { udp: other, tcp: other } },
    names: [NAME, OTHER],
  };
  await serveControl(config, await serveDns(config));
  control = dnsControl(urlOf(config.control), config.token);
});

beforeEach(async () => {
  await control.clearFault('web', NAME);
  await control.setViewFault('web', undefined);
});

const notFound = {
  message: `getaddrinfo ENOTFOUND ${NAME}`,
  code: 'ENOTFOUND',
  errno: -3008,
  syscall: 'getaddrinfo',
  hostname: NAME,
};
const tryAgain = { ...notFound, message: `getaddrinfo EAI_AGAIN ${NAME}`, code: 'EAI_AGAIN', errno: -3001 };
const v4 = { address: HOST, family: 4 };

describe('a process with the preload', () => {
  test('finds a name of the stack, whichever way it asks', async () => {
    expect(
      await values(
        port,
        `called('${NAME}')`,
        `called('${NAME}', { all: true })`,
        `called('${NAME}', 4)`,
        `dns.promises.lookup('${NAME}')`,
        `dns.promises.lookup('${NAME}', { all: true, order: 'ipv6first' })`,
        `called('${NAME}', { family: 'IPv4' })`,
        `promisify(lookup)('${NAME}')`,
        `dns.promises.lookup('${NAME}', { family: 6, hints: dns.V4MAPPED })`,
      ),
    ).toEqual([
      [HOST, 4],
      [[v4]],
      [HOST, 4],
      v4,
      [v4],
      [HOST, 4],
      v4,
      { address: `::ffff:${HOST}`, family: 6 },
    ]);
  });

  test('connects by name', async () => {
    const connecting = `new Promise((_, reject) => net.connect({ host: '${NAME}', port: 1 }).on('error', reject))`;
    expect(await values(port, connecting)).toMatchObject([{ code: 'ECONNREFUSED', address: HOST }]);
  });

  test('is told ENOTFOUND, as by getaddrinfo, of what does not exist', async () => {
    await control.setFault('web', NAME, { kind: 'nxdomain' });
    expect(
      await values(port, `called('${NAME}')`, `dns.promises.lookup('${NAME}')`, `called('no.such.name')`),
    ).toEqual([
      notFound,
      notFound,
      { ...notFound, message: 'getaddrinfo ENOTFOUND no.such.name', hostname: 'no.such.name' },
    ]);
  });

  test('is told ENOTFOUND when there is no address of the family', async () => {
    expect(await values(port, `dns.promises.lookup('${NAME}', 6)`)).toEqual([notFound]);
  });

  test('is told EAI_AGAIN when the server fails', async () => {
    await control.setFault('web', NAME, { kind: 'servfail' });
    expect(await values(port, `called('${NAME}')`)).toEqual([tryAgain]);
  });

  test('is told EAI_AGAIN when the server is not there', async () => {
    const nobody = await choosePort(new Set());
    expect(await values(nobody, `called('${NAME}')`)).toEqual([tryAgain]);
  });

  test('asks again each time', async () => {
    const start = Date.now();
    await values(port, `called('${NAME}', 4)`, `called('${NAME}', 4)`);
    const answered = (await control.queries(start)).filter(({ transport }) => transport === 'tcp');
    expect(answered).toHaveLength(2);
  });

  test('leaves addresses, localhost and wrong arguments to Node', async () => {
    const start = Date.now();
    const outcomes = await values(
      port,
      `called('127.0.0.9')`,
      `dns.promises.lookup('::1')`,
      `called('localhost', 4)`,
      `called('${NAME}', { family: 7 })`,
      `dns.promises.lookup('${NAME}', { hints: 1 })`,
      `dns.lookup('${NAME}')`,
    );
    expect(outcomes).toMatchObject([
      ['127.0.0.9', 4],
      { address: '::1', family: 6 },
      [HOST, 4],
      { code: 'ERR_INVALID_ARG_VALUE' },
      { code: 'ERR_INVALID_ARG_VALUE' },
      { code: 'ERR_INVALID_ARG_TYPE' },
    ]);
    expect(await control.queries(start)).toEqual([]);
  });
});

/** A resolver that gives up after 2 s. */
const QUICK = { RES_OPTIONS: 'ndots:1 timeout:1 attempts:2' };

test.each<[ZoneFault, unknown]>([
  [{ kind: 'refused' }, tryAgain],
  [{ kind: 'empty' }, notFound],
  [{ kind: 'address', address: '127.9.9.9' }, ['127.9.9.9', 4]],
  [{ kind: 'flapping', periodMs: 60_000 }, notFound],
  [{ kind: 'aaaa-only', address: '::1' }, ['::1', 6]],
  [{ kind: 'slow', delayMs: 100 }, [HOST, 4]],
])('a process that asks under the fault %o is told as by getaddrinfo', async (fault, told) => {
  await control.setFault('web', NAME, fault);
  expect(await values(port, `called('${NAME}')`)).toEqual([told]);
});

test('a name with an IPv6 address only does not exist for who asks for IPv4', async () => {
  await control.setFault('web', NAME, { kind: 'aaaa-only', address: '::1' });
  expect(await values(port, `called('${NAME}', 4)`)).toEqual([notFound]);
});

test('a process that is cut off over TCP is told EAI_AGAIN', async () => {
  await control.setViewFault('web', 'udp-only');
  expect(await values(port, `called('${NAME}')`)).toEqual([tryAgain]);
});

test('a process that gets no answer waits as long as resolv.conf says, however quick the answers before were', async () => {
  await control.setFault('web', NAME, { kind: 'silent' });
  const before = Array.from({ length: 5 }, () => `called('${OTHER}')`);
  const outcome = (await evaluate(port, [...before, `called('${NAME}')`], QUICK)).at(-1);
  expect(outcome?.error).toEqual(tryAgain);
  expect(outcome?.tookMs).toBeGreaterThan(1900);
});

test('a process whose resolver is away is told EAI_AGAIN in the end', async () => {
  await control.setViewFault('web', 'away');
  const [outcome] = await evaluate(port, [`called('${NAME}')`], QUICK);
  expect(outcome?.error).toEqual(tryAgain);
  expect(outcome?.tookMs).toBeGreaterThan(1900);
});
