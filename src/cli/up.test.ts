import { expect, test } from 'vitest';
import { renderAccess, upCommand } from './up.ts';

test('what is printed has all that the file of an external target asks for', () => {
  const text = renderAccess({
    id: 'aaaaaaaaaa',
    folder: '/stacks/aaaaaaaaaa',
    toxiproxyUrl: 'http://127.0.0.1:8474',
    target: {
      url: 'http://web',
      workerUrl: 'http://worker',
      projectId: 'p',
      publicKey: 'pk',
      secretKey: 'sk',
    },
    access: {
      clickhouse: { url: 'http://ch:8123', database: 'langfuse', username: 'reader', password: 'c' },
      redis: { url: 'redis://redis:6379' },
      postgres: { url: 'postgres://postgres' },
      s3: {
        ...{ endpoint: 'http://s3:9000', region: 'eu-central-1', bucket: 'b', prefix: 'events/' },
        ...{ accessKeyId: 'key', secretAccessKey: 'secret' },
      },
    },
  });
  expect(text).toMatch(/^ClickHouse +http:\/\/ch:8123 database langfuse user reader/m);
  expect(text).toMatch(/^S3 +http:\/\/s3:9000 region eu-central-1 bucket b prefix events\/ key/m);
  expect(text).toMatch(/^its proxies +.*worker→clickhouse/m);
});

test('no target is offered that runs already', () => {
  expect(upCommand().helpInformation()).toContain('docker:VERSION');
  expect(upCommand().helpInformation()).not.toContain('external');
});
