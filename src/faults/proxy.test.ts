import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Stack } from '../stack/stack.ts';
import { addToxic, dropConnections, removeToxic, setProxyEnabled, type Toxic } from './proxy.ts';

const LINK = 'worker→s3';
const toxic: Toxic = {
  name: 'chaos-latency',
  type: 'latency',
  stream: 'upstream',
  attributes: { latency: 5 },
};

/** A Toxiproxy whose proxy has these toxics; the calls that change something are written down. */
async function toxiproxyWith(toxics: readonly Toxic[], status = 200, enabled = true) {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    if (request.method !== 'GET') calls.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`);
    response.writeHead(status);
    const answer = status === 200 ? { enabled, upstream: '', toxics } : { error: 'proxy not found', status };
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { calls, stack: { toxiproxyUrl: `http://127.0.0.1:${port}` } as Stack };
}

test('a toxic is added once, and replaced when it is another', async () => {
  const none = await toxiproxyWith([]);
  await addToxic(none.stack, LINK, toxic);
  expect(none.calls).toEqual(['POST /proxies/worker→s3/toxics']);

  const same = await toxiproxyWith([toxic]);
  await addToxic(same.stack, LINK, toxic);
  expect(same.calls).toEqual([]);

  const other = await toxiproxyWith([{ ...toxic, attributes: { latency: 6 } }]);
  await addToxic(other.stack, LINK, toxic);
  expect(other.calls).toEqual([
    'DELETE /proxies/worker→s3/toxics/chaos-latency',
    'POST /proxies/worker→s3/toxics',
  ]);
});

test('only its own toxic is removed, and none that is not there', async () => {
  const others = await toxiproxyWith([{ ...toxic, name: 'chaos-reset' }]);
  await removeToxic(others.stack, LINK, toxic.name);
  expect(others.calls).toEqual([]);
  const own = await toxiproxyWith([toxic]);
  await removeToxic(own.stack, LINK, toxic.name);
  expect(own.calls).toEqual(['DELETE /proxies/worker→s3/toxics/chaos-latency']);
});

test("Toxiproxy's reason is told, and when it is away, that", async () => {
  const { stack } = await toxiproxyWith([], 404);
  await expect(setProxyEnabled(stack, LINK, true)).rejects.toThrow(
    /^Toxiproxy did not do what it was told about the link worker→s3 \(PATCH proxy\): status 404: \{"error":"proxy not found","status":404\}\.\n {2}expected: a running Toxiproxy/,
  );
  const away = { toxiproxyUrl: 'http://127.0.0.1:1' } as Stack;
  await expect(setProxyEnabled(away, LINK, true)).rejects.toThrow('ECONNREFUSED');
});

test('connections are dropped without opening a link that is held closed', async () => {
  const open = await toxiproxyWith([]);
  await dropConnections(open.stack, LINK);
  expect(open.calls).toEqual(['PATCH /proxies/worker→s3', 'PATCH /proxies/worker→s3']);
  const closed = await toxiproxyWith([], 200, false);
  await dropConnections(closed.stack, LINK);
  expect(closed.calls).toEqual([]);
});
