import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { findWriteMode } from './find-write-mode.ts';
import { profileOf } from './profile.ts';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done)))));

/** A server that gives this answer to everything; the URL, and the requests that it had. */
async function answering(body: unknown, status = 200): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const refusing = (message: string) =>
  answering({ successes: [], errors: [{ id: 'x', status: 400, message }] }, 207);
const EVENTS = ['events_full', 'traces'];

async function find(
  version: string,
  { web, worker, tables = EVENTS }: { web: { url: string }; worker?: { url: string }; tables?: string[] },
) {
  const target = {
    ...{ url: web.url, workerUrl: worker?.url ?? 'http://127.0.0.1:9' },
    ...{ projectId: 'p', publicKey: 'pk', secretKey: 'sk' },
  };
  return (await findWriteMode(target, profileOf(version).profile, tables)).writeMode;
}

test('a version without a choice is not asked', async () => {
  const web = await refusing('Event type not accepted');
  expect(await find('3.178.0', { web })).toBe('legacy');
  expect(web.asked).toEqual([]);
});

test('a web that refuses the type of a trace is in events_only', async () => {
  const web = await refusing('Event type not accepted');
  expect(await find('4.16.0', { web })).toBe('events_only');
  expect(web.asked).toEqual(['POST /api/public/ingestion']);
});

test('a web that takes traces is dual or legacy, as its worker says', async () => {
  const web = await refusing('Invalid request data');
  const worker = (enabled: boolean) => answering({ status: 'ok', eventPropagation: { enabled } });
  expect(await find('4.16.0', { web, worker: await worker(true) })).toBe('dual');
  expect(await find('4.16.0', { web, worker: await worker(false) })).toBe('legacy');
  expect(await find('3.225.4', { web, worker: await worker(true), tables: ['traces'] })).toBe('legacy');
});

test('whether rows go to events_full as well is not known where the worker does not tell', async () => {
  const web = await refusing('Invalid request data');
  expect(await find('3.200.0', { web, worker: await answering({ status: 'ok' }) })).toBeUndefined();
  expect(await find('4.16.0', { web })).toBeUndefined();
  const withoutWorker = {
    ...{ url: web.url, projectId: 'p', publicKey: 'pk', secretKey: 'sk' },
    // As an external target has it whose file names none.
    get workerUrl(): string {
      throw new Error('not on this stack');
    },
  };
  expect((await findWriteMode(withoutWorker, profileOf('4.16.0').profile, EVENTS)).writeMode).toBeUndefined();
});

test('a web that answers otherwise, or not at all, tells nothing: no run goes on without knowing', async () => {
  const refused = find('4.16.0', { web: await answering({ message: 'no' }, 401) });
  await expect(refused).rejects.toThrow('its web answered “status 401”');
  const away = find('4.16.0', { web: { url: 'http://127.0.0.1:9' } });
  await expect(away).rejects.toMatchObject({ code: 'E_WRITE_MODE' });
});
