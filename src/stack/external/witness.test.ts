import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import type { QueuedJob } from '../../langfuse/queued-jobs.ts';
import type { Link } from '../stack.ts';
import { Witness } from './witness.ts';

/** A target whose web answers with this status after so many milliseconds, and whose proxies have counted so many bytes. */
async function target() {
  const world = {
    status: 200,
    delayMs: 0,
    /** Of the very next answer alone. */
    onceMs: 0,
    bytes: 0 as number | undefined,
    jobs: [] as Partial<QueuedJob>[],
    /** Paths that are not there. */
    absent: [] as string[],
  };
  const server = createServer(({ url = '' }, response) => {
    now += world.onceMs || world.delayMs;
    world.onceMs = 0;
    const isAbsent = world.absent.some((path) => url.startsWith(path));
    response.writeHead(isAbsent ? 404 : world.status).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let now = 0;
  const clock: Clock = { now: () => now, sleep: async () => {} };
  const witness = new Witness({
    target: { url, workerUrl: url, projectId: 'p', publicKey: 'pk', secretKey: 'sk' },
    knowsWorker: true,
    redisPort: '6380',
    endedBytes: async () => world.bytes,
    clock,
  });
  witness.watchJobs(async function* () {
    yield* world.jobs as QueuedJob[];
  });
  /** What is seen at the next look. */
  const look = (link: Link) => {
    now += 1000;
    return witness.met(link);
  };
  return { world, witness, look };
}

const REFUSED = 'connect ECONNREFUSED 10.0.0.7:8123';
const failed = (id: string, attemptsMade: number, failedReason: string) =>
  ({ id, state: 'delayed', attemptsMade, failedReason }) as const;

test('a job that failed since with the error of the dependency', async () => {
  const { world, witness, look } = await target();
  world.jobs = [failed('a', 1, REFUSED)];
  await witness.before('worker→clickhouse');
  expect(await look('worker→clickhouse')).toBeUndefined();
  world.jobs = [
    failed('a', 2, 'Failed to list files from S3: ECONNREFUSED'),
    failed('b', 1, 'invalid score'),
    failed('c', 1, 'connect ECONNREFUSED 10.0.0.8:6380'),
    failed('d', 1, 'Redis: Command timed out'),
  ];
  expect(await look('worker→clickhouse')).toBeUndefined();
  world.jobs = [failed('a', 2, REFUSED)];
  expect(await look('worker→clickhouse')).toBe(`a job of the worker failed since with "${REFUSED}"`);
});

test('an answer of the OTLP endpoint names S3 in other words', async () => {
  const { witness, look } = await target();
  await witness.before('web→s3');
  witness.answered({
    status: 500,
    text: '{"message":"Internal Server Error","error":"Failed to upload JSON to S3"}',
  });
  expect(await look('web→s3')).toContain('Failed to upload JSON to S3');
});

test('an answer to the traffic that names the dependency', async () => {
  const { witness, look } = await target();
  const answer = { status: 500, text: 'Failed to upload events to blob storage, aborting event processing' };
  witness.answered(answer);
  await witness.before('web→s3');
  expect(await look('web→s3')).toBeUndefined();
  witness.answered({ status: 500, text: 'Internal Server Error' });
  witness.answered({ status: 207, text: 'blob storage' });
  expect(await look('web→s3')).toBeUndefined();
  witness.answered(answer);
  expect(await look('web→s3')).toContain('the web answered 500: "Failed to upload events to blob storage');
});

test('a question that was answered well before, and is refused or far slower now', async () => {
  const { world, witness, look } = await target();
  world.delayMs = 50;
  await witness.before('web→clickhouse');
  expect(await look('web→clickhouse')).toBeUndefined();
  world.delayMs = 1050;
  expect(await look('web→clickhouse')).toBe(
    'the web answered GET /api/public/traces?limit=1 after 1050 ms and again 1050 ms, and within 50 ms before',
  );
  world.status = 500;
  expect(await look('web→clickhouse')).toContain('with 500, and well before');
});

test('where traces cannot be asked for, observations are', async () => {
  const { world, witness, look } = await target();
  world.absent = ['/api/public/traces'];
  await witness.before('web→clickhouse');
  world.status = 500;
  expect(await look('web→clickhouse')).toBe(
    'the web answered GET /api/public/v2/observations?limit=1 with 500, and well before',
  );
});

test('one slow answer shows nothing: a target that others use is busy at times', async () => {
  const { world, witness, look } = await target();
  world.delayMs = 50;
  await witness.before('web→clickhouse');
  world.onceMs = 1050;
  expect(await look('web→clickhouse')).toBeUndefined();
});

test('a question that is refused for what was asked, or how often, shows nothing', async () => {
  const { world, witness, look } = await target();
  await witness.before('web→clickhouse');
  world.status = 429;
  expect(await look('web→clickhouse')).toBeUndefined();
});

test('a question that was not answered well before shows nothing', async () => {
  const { world, witness, look } = await target();
  world.status = 404;
  await witness.before('web→clickhouse');
  world.status = 500;
  expect(await look('web→clickhouse')).toBeUndefined();
});

test('connections that end at every look; one now and then may have been idle since before', async () => {
  const { world, witness, look } = await target();
  await witness.before('worker→s3');
  const seen = [];
  for (const bytes of [100, 100, 200, 300, 300, 400, 500, 600]) {
    world.bytes = bytes;
    seen.push(await look('worker→s3'));
  }
  expect(seen.slice(0, 7).every((each) => each === undefined)).toBe(true);
  expect(seen[7]).toContain('connections over worker→s3 went through Toxiproxy and ended');
  world.bytes = undefined;
  await witness.before('worker→s3');
  world.bytes = 1000;
  expect(await look('worker→s3')).toBeUndefined();
});

test('a link that nobody looked at before the fault has felt nothing', async () => {
  const { world, look } = await target();
  world.jobs = [failed('a', 2, REFUSED)];
  expect(await look('worker→clickhouse')).toBeUndefined();
});
