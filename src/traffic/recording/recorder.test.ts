import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChaosError } from '../../base/errors.ts';
import { readRecording } from './format.ts';
import { protobufOfSpans } from './otlp-protobuf.ts';
import { type RecorderOptions, startRecorder } from './recorder.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const PUBLIC = 'pk-lf-0123456789';
const SECRET = 'sk-lf-9876543210';
const BASIC = `Basic ${Buffer.from(`${PUBLIC}:${SECRET}`).toString('base64')}`;
let folder: string;
let file: string;
const ends: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recorder-'));
  file = join(folder, 'recording.jsonl');
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  rmSync(folder, { recursive: true });
});

/** A target that keeps what it sees. */
async function serve(
  answer: (seen: Seen, response: ServerResponse) => void = (_, response) => response.end('{}'),
) {
  const seen: Seen[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method, url, headers } = incoming;
      const one = { method, url, headers, body: Buffer.concat(chunks) };
      seen.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  ends.push(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop };
}

async function record(target: string, options: Partial<RecorderOptions> = {}) {
  const recorder = await startRecorder({ target, file, madeWith: 'test', ...options });
  ends.push(() => recorder.close());
  return recorder;
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: BASIC, ...headers },
    body: Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body),
  });

async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof ChaosError) return error.code;
    throw error;
  }
  return 'no error';
}

test('requests and answers pass through as they are, whatever the path', async () => {
  const target = await serve(({ url }, response) => {
    response.writeHead(url?.startsWith('/missing') ? 404 : 207, { 'x-extra': 'yes' }).end(`answer to ${url}`);
  });
  const recorder = await record(target.url);
  const answer = await post(`${recorder.url}/api/public/ingestion?x=1`, '{"batch": [ ]}', {
    'x-mine': 'kept',
  });
  expect([answer.statusCode, answer.headers['x-extra']]).toEqual([207, 'yes']);
  expect(await answer.body.text()).toBe('answer to /api/public/ingestion?x=1');
  expect((await request(`${recorder.url}/missing`)).statusCode).toBe(404);
  expect(target.seen[0]).toMatchObject({
    method: 'POST',
    url: '/api/public/ingestion?x=1',
    headers: { authorization: BASIC, 'x-mine': 'kept', host: target.url.slice('http://'.length) },
  });
  expect(target.seen[0]?.body.toString()).toBe('{"batch": [ ]}');
  expect(target.seen[1]).toMatchObject({ method: 'GET', url: '/missing' });
});

test('what lies in the file: requests in order, without a header that could hold a secret', async () => {
  const target = await serve();
  const recorder = await record(target.url);
  const headers = {
    cookie: 'session=abcdefgh',
    'x-api-key': 'another-secret-key',
    'x-langfuse-public-key': PUBLIC,
    'x-langfuse-sdk-name': 'langfuse-js',
    'user-agent': 'app/1',
  };
  await (
    await post(`${recorder.url}/api/public/ingestion?key=abcdefgh`, { batch: [{ id: 'é' }] }, headers)
  ).body.text();
  await (await post(`${recorder.url}/api/public/scores`, { id: 's' })).body.text();
  await (await request(`${recorder.url}/api/public/traces`)).body.text();
  await (await post(`${recorder.url}/api/auth/login`, { password: 'x' })).body.text();
  expect(recorder.recorded).toBe(2);
  await recorder.close();
  const { header, requests } = readRecording(file);
  expect(header).toMatchObject({ version: 1, madeWith: 'test' });
  expect(requests).toMatchObject([
    { path: '/api/public/ingestion', body: { batch: [{ id: 'é' }] } },
    { path: '/api/public/scores', body: { id: 's' } },
  ]);
  expect(requests[0]?.headers).toEqual({
    'content-type': 'application/json',
    'user-agent': 'app/1',
    'x-langfuse-sdk-name': 'langfuse-js',
  });
  expect(requests[1]?.offsetMs).toBeGreaterThanOrEqual(requests[0]?.offsetMs as number);
  expect(readFileSync(file, 'utf8')).not.toMatch(/abcdefgh|another-secret|lf-0123|lf-9876/);
});

test('secrets inside bodies are removed: those it was given, and the keys that it sees used', async () => {
  const target = await serve();
  const recorder = await record(target.url, { secrets: ['hunter2-hunter2'] });
  const body = { batch: [], metadata: { public_key: PUBLIC, note: `use ${SECRET}, or hunter2-hunter2` } };
  await (await post(`${recorder.url}/api/public/ingestion`, body)).body.text();
  await recorder.close();
  expect(readRecording(file).requests[0]?.body).toEqual({
    batch: [],
    metadata: { public_key: '(removed)', note: 'use (removed), or (removed)' },
  });
  expect(target.seen[0]?.body.toString(), 'the target gets it unchanged').toContain(SECRET);
});

test('a compressed body is recorded decoded and passed on as it came', async () => {
  const target = await serve();
  const recorder = await record(target.url);
  const packed = gzipSync('{"batch":[{"id":"packed"}]}');
  const answer = await post(`${recorder.url}/api/public/ingestion`, packed, { 'content-encoding': 'gzip' });
  await answer.body.text();
  await recorder.close();
  expect(target.seen[0]?.body.equals(packed)).toBe(true);
  expect(readRecording(file).requests[0]?.body).toEqual({ batch: [{ id: 'packed' }] });
});

test('spans in protobuf are recorded as OTLP/JSON, and passed on as they came', async () => {
  const target = await serve();
  const recorder = await record(target.url);
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name: 'grüß',
    startTimeUnixNano: '1700000000000000001',
    endTimeUnixNano: '1700000001500000000',
    attributes: [
      { key: 'tokens', value: { intValue: 42 } },
      { key: 'text', value: { stringValue: 'AAAA' } },
    ],
    status: { code: 2, message: 'broken' },
  };
  const body = { resourceSpans: [{ scopeSpans: [{ scope: { name: 'python' }, spans: [span] }] }] };
  const bytes = gzipSync(protobufOfSpans(body));
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  const answer = await post(`${recorder.url}/api/public/otel/v1/traces`, bytes, headers);
  await answer.body.text();
  await recorder.close();
  expect(target.seen[0]?.body.equals(bytes)).toBe(true);
  expect(readRecording(file).requests[0]?.body).toEqual(body);
});

test('what was refused, failed or cannot be read is passed on and counted, not recorded', async () => {
  const target = await serve(({ url }, response) =>
    response.writeHead(url?.endsWith('otel') ? 200 : 500).end('no'),
  );
  const recorder = await record(target.url);
  expect((await post(`${recorder.url}/api/public/ingestion`, { batch: [] })).statusCode).toBe(500);
  expect((await post(`${recorder.url}/api/public/otel`, '\u0001\u0002 protobuf')).statusCode).toBe(200);
  target.stop();
  const gone = await post(`${recorder.url}/api/public/ingestion`, { batch: [] });
  expect([gone.statusCode, await gone.body.json()]).toMatchObject([
    502,
    { message: expect.stringMatching(/^The recorder got no answer from the target: .*ECONN/) },
  ]);
  await recorder.close();
  expect(readRecording(file).requests).toEqual([]);
  expect(readFileSync(file, 'utf8')).toContain('"leftOut":{"not answered with 2xx":2,"body is not JSON":1}');
});

test('requests at the same time are all recorded', async () => {
  const target = await serve();
  const recorder = await record(target.url);
  const sent = Array.from({ length: 60 }, (_, number) => `id-${number}`);
  await Promise.all(
    sent.map(async (id) =>
      (await post(`${recorder.url}/api/public/ingestion`, { batch: [{ id }] })).body.text(),
    ),
  );
  await recorder.close();
  const ids = readRecording(file).requests.map(
    ({ body }) => (body as { batch: { id: string }[] }).batch[0]?.id,
  );
  expect(ids.toSorted()).toEqual(sent.toSorted());
});

test('closing twice is closing once, and nobody listens any more', async () => {
  const target = await serve();
  const recorder = await record(target.url);
  await Promise.all([recorder.close(), recorder.close()]);
  await expect(request(recorder.url)).rejects.toThrow(/ECONNREFUSED/);
  expect(readRecording(file).requests).toEqual([]);
});

test('a bad target, a busy port and an existing file are said, and leave nothing behind', async () => {
  const target = await serve();
  expect(await codeOf(() => record('localhost:3000'))).toBe('E_TARGET_URL');
  const port = Number(new URL(target.url).port);
  expect(await codeOf(() => record(target.url, { port }))).toBe('E_PORT');
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, 'mine');
  expect(await codeOf(() => record(target.url))).toBe('E_RECORDING_WRITE');
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test('a recording that was not ended, is cut off, damaged or of another version is refused', async () => {
  const target = await serve();
  const recorder = await record(target.url);
  for (const id of ['a', 'b', 'c']) {
    await (await post(`${recorder.url}/api/public/ingestion`, { batch: [{ id }] })).body.text();
  }
  const refused = (content: string) => {
    writeFileSync(file, content);
    return codeOf(() => readRecording(file));
  };
  expect(await codeOf(() => readRecording(file))).toBe('E_RECORDING_CUT_OFF');
  await recorder.close();
  const whole = readFileSync(file, 'utf8');
  const lines = whole.trimEnd().split('\n');
  const join = (parts: readonly string[]) => `${parts.join('\n')}\n`;
  expect(lines).toHaveLength(5);
  for (let length = 0; length < whole.length; length += 1) {
    expect(await refused(whole.slice(0, length)), `cut at ${length}`).toBe('E_RECORDING_CUT_OFF');
  }
  expect(await refused(join(lines.toSpliced(2, 1)))).toBe('E_RECORDING_CUT_OFF');
  expect(await refused(join(lines.with(2, '{"kind":"request"}')))).toBe('E_RECORDING_CORRUPT');
  expect(await refused(join(lines.with(2, 'x')))).toBe('E_RECORDING_CORRUPT');
  expect(await refused(whole.replace('"version":1', '"version":2'))).toBe('E_RECORDING_VERSION');
  expect(await codeOf(() => readRecording(`${file}.none`))).toBe('E_RECORDING_MISSING');
});
