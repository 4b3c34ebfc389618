import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import type { WriteMode } from '../langfuse/profile.ts';
import { askAll, type ProbeTools, WEB_ENDPOINTS } from './probe.ts';

let server: Server;
beforeAll(async () => {
  // As v4 in events_only: the older reads are not available there.
  server = createServer(({ url = '' }, response) => {
    const isThere = /^\/api\/public\/(v2\/observations|v3\/scores|health|ready)$/.test(url);
    response.writeHead(isThere ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const reads = WEB_ENDPOINTS.filter(({ name }) => name.startsWith('GET'));

async function askIn(writeMode: WriteMode | undefined) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = { url, publicKey: 'p', secretKey: 's' };
  const tools = { target, writeMode, clock: systemClock, withoutSecrets: (text: string) => text };
  const records = await askAll(reads, tools as unknown as ProbeTools, 'x');
  return records.map(({ endpoint, asked, status }) => ({ endpoint, asked, status }));
}

test('a target in events_only is asked by the reads that it has, under the names of the others', async () => {
  expect(await askIn('events_only')).toEqual([
    { endpoint: 'GET /api/public/traces', asked: 'GET /api/public/v2/observations', status: 200 },
    { endpoint: 'GET /api/public/observations', asked: 'GET /api/public/v2/observations', status: 200 },
    { endpoint: 'GET /api/public/scores', asked: 'GET /api/public/v3/scores', status: 200 },
    { endpoint: 'GET /api/public/health', asked: undefined, status: 200 },
    { endpoint: 'GET /api/public/ready', asked: undefined, status: 200 },
  ]);
});

test('any other is asked as it is said', async () => {
  for (const writeMode of [undefined, 'legacy', 'dual'] as const)
    expect((await askIn(writeMode)).map(({ status }) => status)).toEqual([404, 404, 404, 200, 200]);
});
