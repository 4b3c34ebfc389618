import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decode, encode } from 'dns-packet';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { truncated } from '../src/stack/embedded/dns/answers.ts';
import { dnsControl } from '../src/stack/embedded/dns/control.ts';
import { serveControl } from '../src/stack/embedded/dns/control-server.ts';
import { serveDns } from '../src/stack/embedded/dns/server.ts';
import { choosePort, HOST } from '../src/stack/embedded/ports.ts';
import { urlOf } from '../src/stack/embedded/urls.ts';
import type { DnsControl } from '../src/stack/stack.ts';

const run = promisify(execFile);
const PRELOAD = fileURLToPath(new URL('../src/stack/embedded/dns/preload.cjs', import.meta.url));
const NAME = 'clickhouse.chaos.test';

/** What a program says of one look-up. */
interface Outcome {
  readonly value?: unknown;
  readonly error?: { message: string; code: string; errno?: number; syscall?: string; hostname?: string };
}

/** Evaluates expressions, each a promise, one after the other in a process with the preload. */
async function evaluate(resolverPort: number | string, expressions: readonly string[]): Promise<Outcome[]> {
  const program = `
    import dns, { lookup } from 'node:dns';
    import net from 'node:net';
    import { promisify } from 'node:util';
    const called = (name, ...rest) => new Promise((resolve, reject) =>
      lookup(name, ...rest, (error, ...values) => (error ? reject(error) : resolve(values))));
    const outcomes = [];
    const note = async (look) => {
      try {
        outcomes.push({ value: (await look()) ?? null });
      } catch (error) {
        outcomes.push({ error: { ...error, message: error.message, code: error.code } });
      }
    };
    ${expressions.map((expression) => `await note(async () => ${expression});`).join('\n')}
    console.log(JSON.stringify(outcomes));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`,
      LANGFUSE_CHAOS_RESOLVER: `${HOST}:${resolverPort}`,
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
    names: [NAME],
  };
  await serveControl(config, await serveDns(config));
  control = dnsControl(urlOf(config.control), config.token);
});

beforeEach(() => control.clearFault('web', NAME));

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
    await control.setFault('web', NAME, 'nxdomain');
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
    await control.setFault('web', NAME, 'servfail');
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

test('a process whose questions are never answered is told EAI_AGAIN in the end', async () => {
  const silent = await choosePort(new Set());
  const udp = createSocket('udp4');
  udp.on('message', (message, from) =>
    udp.send(encode(truncated(decode(message)).response), from.port, from.address),
  );
  udp.bind(silent, HOST);
  const tcp = createServer().listen(silent, HOST);
  expect(await values(silent, `called('${NAME}')`)).toEqual([tryAgain]);
  udp.close();
  tcp.close();
});
