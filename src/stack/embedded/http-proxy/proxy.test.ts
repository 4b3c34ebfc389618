import { createHash, randomBytes } from 'node:crypto';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HTTP_LINKS, type HttpLink, type HttpRule } from '../../http.ts';
import { choosePort, HOST } from '../ports.ts';
import { type HttpProxy, serveProxy } from './proxy.ts';
import { CountedRule } from './rules.ts';

/** A request as it arrived behind the proxy. */
interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly port: number;
}

let upstream: Server;
let arrived: Arrived[];
let cut: number;
let sockets: Set<Socket>;
let answer: { status: number; headers: Record<string, string>; body: Buffer };
let proxy: Awaited<ReturnType<typeof serveProxy>>;
let ports: Record<string, { listen: number; upstream: number }>;

beforeEach(async () => {
  arrived = [];
  cut = 0;
  sockets = new Set();
  answer = { status: 200, headers: { etag: '"x"' }, body: Buffer.from('[{"id":"a"}]') };
  upstream = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      cut += 1;
      return;
    }
    const { method = '', url = '', rawHeaders: headers, socket } = incoming;
    arrived.push({ method, url, headers, body: Buffer.concat(chunks), port: socket.remotePort ?? 0 });
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });
  upstream.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => upstream.listen(0, HOST, resolve));
  const taken = new Set<number>();
  const port = (upstream.address() as AddressInfo).port;
  const routes = HTTP_LINKS.map(async (link) => [link, { listen: await choosePort(taken), upstream: port }]);
  ports = Object.fromEntries(await Promise.all(routes));
  proxy = await serveProxy({ host: HOST, routes: ports as Record<HttpLink, never> });
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  upstream.close();
  upstream.closeAllConnections();
});

const portOf = (link: HttpLink) => ports[link]?.listen ?? 0;
const setRule = (link: HttpLink, rule: HttpRule) =>
  (proxy as HttpProxy).rules.set(link, new CountedRule(rule));

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly body?: Buffer | Readable;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
}

/** One request over a link. */
async function send(link: HttpLink, sent: Sent = {}) {
  const { method = 'GET', path = '/', body, headers = {}, agent } = sent;
  const answered = await new Promise<IncomingMessage>((resolve, reject) => {
    const made = request({ host: HOST, port: portOf(link), method, path, headers, agent }, resolve);
    made.on('error', reject);
    if (body instanceof Readable) body.pipe(made);
    else made.end(body);
  });
  const bytes = Buffer.concat(await answered.toArray());
  return { status: answered.statusCode, headers: answered.headers, body: bytes };
}

test('a request and its answer pass unchanged: headers with their order and case, path, streamed body', async () => {
  const body = randomBytes(300_000);
  const result = await send('worker→s3', {
    method: 'PUT',
    path: '/b/a%2Fb?x=1&y',
    headers: { Host: 's3.chaos.test:4000', 'X-Amz-Date': '20260101T000000Z', 'transfer-encoding': 'chunked' },
    body: Readable.from([body.subarray(0, 1000), body.subarray(1000)]),
  });
  expect(result).toMatchObject({ status: 200, headers: { etag: '"x"' }, body: answer.body });
  const [request] = arrived;
  expect(request).toMatchObject({ method: 'PUT', url: '/b/a%2Fb?x=1&y' });
  expect(request?.headers.slice(0, 4)).toEqual([
    'Host',
    's3.chaos.test:4000',
    'X-Amz-Date',
    '20260101T000000Z',
  ]);
  expect(request?.body.equals(body)).toBe(true);
  expect(proxy.hits).toEqual([]);
});

test("the SDK's signed PUT with a streamed body arrives with what was signed", async () => {
  const body = randomBytes(3_000_000);
  const client = new S3Client({
    endpoint: `http://${HOST}:${portOf('web→s3')}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  answer = { status: 200, headers: { etag: '"x"' }, body: Buffer.alloc(0) };
  await client.send(
    new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: Readable.from([body]), ContentLength: body.length }),
  );
  client.destroy();
  const [request] = arrived;
  const headers = new Map(
    request?.headers.flatMap((name, index, all) =>
      index % 2 === 0 ? [[name.toLowerCase(), all[index + 1] ?? ''] as const] : [],
    ),
  );
  expect(headers.get('host')).toBe(`${HOST}:${portOf('web→s3')}`);
  const signed = /SignedHeaders=([^,]+)/.exec(headers.get('authorization') ?? '')?.[1]?.split(';') ?? [];
  expect(signed).toContain('host');
  expect(signed.filter((name) => !headers.has(name))).toEqual([]);
  expect(
    createHash('sha256')
      .update(request?.body ?? '')
      .digest('hex'),
  ).toBe(createHash('sha256').update(body).digest('hex'));
});

test('a connection that is kept stays one connection behind the proxy, and its end at one side is the end at the other', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; count < 3; count += 1) await send('worker→clickhouse', { agent });
  expect(new Set(arrived.map(({ port }) => port)).size).toBe(1);
  const [idle] = Object.values(agent.freeSockets).flat();
  const closed = new Promise((resolve) => idle?.once('close', resolve));
  for (const socket of sockets) socket.end();
  await closed;

  const [kept] = [...sockets];
  await send('worker→clickhouse', { agent });
  const last = [...sockets].at(-1);
  expect(last).not.toBe(kept);
  const gone = new Promise((resolve) => last?.once('close', resolve));
  agent.destroy();
  await gone;
});

test('a large answer comes whole, also to a slow reader', async () => {
  answer = { status: 200, headers: {}, body: randomBytes(20_000_000) };
  const result = await send('web→clickhouse');
  expect(result.body.equals(answer.body)).toBe(true);
});

test('with the server away the connection is closed without an answer', async () => {
  upstream.close();
  upstream.closeAllConnections();
  await expect(send('web→s3')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a body that is cut off is cut off for the server too, never ended', async () => {
  const socket = connect(portOf('worker→clickhouse'), HOST);
  socket.write('POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 1000\r\n\r\npart');
  await expect.poll(() => sockets.size).toBe(1);
  socket.destroy();
  await expect.poll(() => cut).toBe(1);
  expect(arrived).toEqual([]);
});

test('an answer in the place of the server: it is not asked, and the next request of the connection passes', async () => {
  const action = {
    kind: 'answer',
    status: 503,
    headers: { 'content-type': 'application/xml' },
    body: '<Error/>',
  };
  setRule('web→s3', { match: { method: 'PUT', nth: 1 }, action: action as HttpRule['action'] });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sent = { method: 'PUT', body: randomBytes(100_000), agent };
  expect(await send('web→s3', sent)).toMatchObject({ status: 503, body: Buffer.from('<Error/>') });
  expect(arrived).toEqual([]);
  expect(await send('web→s3', sent)).toMatchObject({ status: 200 });
  agent.destroy();
  expect(proxy.hits).toMatchObject([
    { link: 'web→s3', method: 'PUT', path: '/', did: "answered 503 in the server's place" },
  ]);
});

test('a rule that looks into the body sends all of it on', async () => {
  setRule('worker→clickhouse', { match: { text: 'from traces' }, action: { kind: 'lose-answer' } });
  const body = Buffer.concat([Buffer.from('SELECT 1 FROM scores'), randomBytes(400_000)]);
  expect(await send('worker→clickhouse', { method: 'POST', body })).toMatchObject({ status: 200 });
  expect(arrived[0]?.body.equals(body)).toBe(true);
  expect(await send('worker→clickhouse', { method: 'POST' })).toMatchObject({ status: 200 });
});

test('an answer is lost only after the server has had the request', async () => {
  setRule('worker→clickhouse', { match: { text: 'INSERT', limit: 1 }, action: { kind: 'lose-answer' } });
  const sent = { method: 'POST', path: '/?query=INSERT%20INTO%20traces', body: Buffer.from('{}') };
  await expect(send('worker→clickhouse', sent)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(arrived).toHaveLength(1);
  expect(await send('worker→clickhouse', sent)).toMatchObject({ status: 200 });
});

test('a changed answer has the length that it says, and one that is no 200 is left alone', async () => {
  setRule('worker→s3', { match: {}, action: { kind: 'corrupt', how: 'cut' } });
  const result = await send('worker→s3');
  expect(result).toMatchObject({
    headers: { 'content-length': '6', etag: '"x"' },
    body: Buffer.from('[{"id"'),
  });
  answer = { ...answer, status: 404 };
  expect(await send('worker→s3')).toMatchObject({ status: 404, body: answer.body });
  expect(proxy.hits).toHaveLength(1);
});

test.each([true, false])('an answer that breaks off, complete: %s', async (complete) => {
  const action = { kind: 'break-off', after: 4, text: 'Code: 241.', complete } as const;
  setRule('worker→clickhouse', { match: {}, action });
  const result = send('worker→clickhouse', { headers: { 'accept-encoding': 'gzip' } });
  if (complete) expect((await result).body.toString()).toBe('[{"iCode: 241.');
  else await expect(result).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(arrived[0]?.headers.join()).not.toContain('gzip');
});
