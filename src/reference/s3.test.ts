import dns from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readWorkerEnv } from './env.ts';
import { createLogger } from './log.ts';
import { EventStore } from './s3.ts';

const storeAt = (endpoint: string) =>
  new EventStore(
    readWorkerEnv({
      DATABASE_URL: 'postgresql://localhost/x',
      CLICKHOUSE_URL: 'http://localhost:8123',
      CLICKHOUSE_USER: 'u',
      CLICKHOUSE_PASSWORD: 'p',
      LANGFUSE_S3_EVENT_UPLOAD_BUCKET: 'b',
      LANGFUSE_S3_EVENT_UPLOAD_REGION: 'auto',
      LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT: endpoint,
      LANGFUSE_S3_EVENT_UPLOAD_ACCESS_KEY_ID: 'id',
      LANGFUSE_S3_EVENT_UPLOAD_SECRET_ACCESS_KEY: 'secret',
      LANGFUSE_S3_EVENT_UPLOAD_FORCE_PATH_STYLE: 'true',
    }),
    createLogger('test', 'fatal'),
  );

describe('attempts of one upload', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each(['ENOTFOUND', 'EAI_AGAIN'])('one, if the name does not resolve (%s)', async (code) => {
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((
      host: string,
      _options: unknown,
      done: (error: Error) => void,
    ) => {
      done(Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code }));
    }) as typeof dns.lookup);
    await expect(storeAt('http://s3.example:9000').put('k', [])).rejects.toThrow(
      'Failed to upload JSON to S3',
    );
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  test('three, if the connection is refused', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((
        _host: string,
        _options: unknown,
        done: (error: null, addresses: object[]) => void,
      ) => done(null, [{ address: '127.0.0.1', family: 4 }])) as typeof dns.lookup);
    await expect(storeAt(`http://s3.example:${port}`).put('k', [])).rejects.toThrow(
      'Failed to upload JSON to S3',
    );
    expect(lookup).toHaveBeenCalledTimes(3);
  });

  test('three, if the server says that it is busy', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      request.resume();
      response.writeHead(503, { 'content-type': 'application/xml' });
      response.end('<Error><Code>SlowDown</Code><Message>slow</Message></Error>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(storeAt(`http://127.0.0.1:${port}`).put('k', [])).rejects.toThrow(
      'Failed to upload JSON to S3',
    );
    server.close();
    expect(requests).toBe(3);
  });
});
