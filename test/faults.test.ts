import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { bindFault, CATALOGUE } from '../src/faults/catalogue.ts';
import { logSizes } from '../src/faults/logged.ts';
import type { FaultSpec } from '../src/scenario/scenario.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import type { Stack } from '../src/stack/stack.ts';
import { ask, sendTrace, untilLanded } from './support/stack.ts';

/* Every fault of the catalogue on a real stack: it is felt once the process meets it, and healed once it is undone. */

let stack: Stack;
beforeAll(async () => {
  // A resolver that gives up after a second, where nothing answers.
  const quick = { REFERENCE_BACKOFF_SCALE: '0.1', RES_OPTIONS: 'timeout:1 attempts:1' };
  stack = await startEmbeddedStack({ settings: { web: quick, worker: quick } });
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Has the web read from ClickHouse, and the worker process a job. */
async function sendAndRead(): Promise<void> {
  const { url, publicKey, secretKey } = stack.target;
  const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  await Promise.all([sendTrace(stack), fetch(`${url}/api/public/traces`, { headers: { authorization } })]);
}

/** One fault on the stack. */
interface Row {
  readonly spec: FaultSpec;
  /** It may be felt before the stack is used: by the injection itself, or because the link is never idle for long. */
  readonly feltAtOnce?: boolean;
  /** Text of the observation. */
  /** What the observation says; a pattern where the server has several words for it. */
  readonly felt: string | RegExp;
  /** Injecting it starts a process, which takes its time: once is enough here. */
  readonly starts?: true;
  /** Has the process meet it, where sending a trace and listing the traces would not. */
  readonly use?: () => Promise<unknown>;
}

/** Has Redis close the connection on which the worker waits for its next job. */
async function closeWaitingWorker(): Promise<void> {
  const redis = new Redis(stack.access.redis.url);
  const clients = (await redis.client('LIST')) as string;
  const ids = clients.split('\n').flatMap((line) => /^id=(\d+) .* cmd=bzpopmin /.exec(line)?.[1] ?? []);
  for (const id of ids) await redis.client('KILL', 'ID', id);
  redis.disconnect();
}

const LINK_ROWS: readonly Row[] = [
  { spec: { name: 'refused', on: 'worker→clickhouse' }, felt: 'the worker got "connect ECONNREFUSED 127.' },
  { spec: { name: 'refused', on: 'web→clickhouse' }, felt: 'the web got "connect ECONNREFUSED 127.' },
  { spec: { name: 'refused', on: 'web→dns' }, felt: 'the web logged "getaddrinfo EAI_AGAIN ' },
  {
    spec: { name: 'dead-upstream', on: 'worker→clickhouse' },
    felt: 'the worker connected over worker→clickhouse, and the connection',
  },
  {
    spec: { name: 'black-hole', on: 'worker→clickhouse' },
    felt: 's for an answer over worker→clickhouse',
  },
  // An open connection: the web holds those to Redis for as long as it lives.
  {
    spec: { name: 'black-hole', on: 'web→redis', direction: 'upstream' },
    felt: 's for an answer over web→redis',
  },
  { spec: { name: 'reset', on: 'worker→s3', direction: 'upstream' }, felt: 'the worker got ECONNRESET' },
  {
    spec: { name: 'latency', on: 'web→redis', latencyMs: 300, jitterMs: 50 },
    felt: 'ms for an answer over web→redis',
  },
  {
    spec: { name: 'bandwidth', on: 'worker→clickhouse', direction: 'upstream', kilobytesPerSecond: 5 },
    felt: 'bytes to the far end of worker→clickhouse',
  },
  { spec: { name: 'sliced', on: 'web→clickhouse' }, felt: 'the web got an answer of' },
  {
    spec: { name: 'sliced', on: 'worker→clickhouse', direction: 'upstream' },
    felt: 'bytes had gone over worker→clickhouse in slices',
  },
  {
    spec: { name: 'cut-after', on: 'worker→clickhouse', direction: 'upstream', bytes: 200 },
    felt: 'bytes over worker→clickhouse, and the connection',
  },
  {
    spec: { name: 'cut-after', on: 'worker→s3', bytes: 100 },
    felt: 'the worker got 100 bytes over worker→s3',
  },
  // An open connection again: the worker's next command to Redis is carried out, and the answer lost.
  { spec: { name: 'answer-lost', on: 'worker→redis' }, feltAtOnce: true, felt: 'instead of an answer' },
  { spec: { name: 'answer-lost', on: 'web→s3' }, felt: 'the web sent' },
  {
    spec: { name: 'slow-close', on: 'worker→redis', delayMs: 500 },
    felt: 'the worker saw a connection over worker→redis end',
    use: closeWaitingWorker,
  },
];

/** What the process was told when it asked for the name, as it stands in the DNS server's log. */
const DNS_ROWS: readonly Row[] = (
  [
    [{ name: 'name-gone', on: 'worker→clickhouse' }, 'was told that it does not exist'],
    [{ name: 'name-gone', on: 'web→clickhouse' }, 'was told that it does not exist'],
    [{ name: 'dns-servfail', on: 'web→s3' }, 'was answered with SERVFAIL'],
    [{ name: 'dns-refused', on: 'web→s3' }, 'was answered with REFUSED'],
    [{ name: 'dns-empty', on: 'worker→s3' }, 'was told that it has no address'],
    [{ name: 'dns-black-hole', on: 'web→clickhouse' }, 'was not answered'],
    [{ name: 'dns-slow', on: 'worker→clickhouse', delayMs: 300 }, 'was answered late'],
    [{ name: 'dns-address-gone', on: 'web→s3' }, 'was told the address of a host that is gone'],
    [{ name: 'dns-flapping', on: 'worker→clickhouse' }, 'was told that it does not exist'],
    [{ name: 'dns-aaaa-only', on: 'web→s3' }, 'was told of an IPv6 address or of none'],
    [{ name: 'dns-udp-only', on: 'worker→dns' }, 'was cut off over TCP'],
    [{ name: 'resolver-away', on: 'worker→dns' }, 'got no answer at all'],
  ] as const
)
  // Connections of every link are cut: Redis's is made again at once.
  .map(([spec, felt]) => ({ spec, feltAtOnce: spec.on === 'worker→dns', felt }));

const PROCESS_ROWS: readonly Row[] = [
  {
    spec: { name: 'dns-started-without-name', on: 'worker→clickhouse' },
    feltAtOnce: true,
    starts: true,
    felt: 'the worker asked for clickhouse.chaos.test and is up all the same',
  },
  { spec: { name: 'killed', on: 'worker' }, feltAtOnce: true, felt: 'the process worker is gone' },
  { spec: { name: 'terminated', on: 's3' }, feltAtOnce: true, felt: 'the process s3 is gone' },
  { spec: { name: 'paused', on: 'postgres' }, feltAtOnce: true, felt: 'the process postgres stands still' },
  {
    spec: { name: 'restarted', on: 'toxiproxy' },
    feltAtOnce: true,
    starts: true,
    felt: 'the process toxiproxy was stopped, and a new one answers',
  },
  {
    spec: { name: 'restart-loop', on: 's3', periodSeconds: 0.5, graceSeconds: 1 },
    felt: 'the process s3 was stopped and started more than once',
  },
  {
    spec: { name: 'rolling-restart', on: 'application', graceSeconds: 0.3 },
    starts: true,
    felt: 'web and worker were stopped one after the other, and new ones answer',
  },
  {
    spec: { name: 'started-without', on: 'web', without: 'clickhouse', graceSeconds: 0.3 },
    starts: true,
    felt: 'the web was started without clickhouse and ended, with the last words "Web did not start: ClickHouse tables',
  },
  {
    spec: { name: 'started-without', on: 'worker', without: 'clickhouse', graceSeconds: 0.3 },
    starts: true,
    felt: 'the worker was started without clickhouse and came up',
  },
];

const CLOCK_ROWS: readonly Row[] = [
  {
    spec: { name: 'clock-skew', on: 'web', offsetSeconds: -3600 },
    feltAtOnce: true,
    felt: 'times, which is 3600 s behind',
  },
  { spec: { name: 'clock-skew', on: 'worker', to: '23:59:30' }, feltAtOnce: true, felt: 's ahead' },
];

/** What the HTTP proxy did to a request of that process. */
const HTTP_ROWS: readonly Row[] = (
  [
    [
      { name: 'http-answer', on: 'web→s3', status: 502, method: 'PUT' },
      "of the web's PUT to s3 the HTTP proxy answered 502",
    ],
    [{ name: 'http-answer-lost', on: 'worker→clickhouse', text: 'INSERT INTO traces' }, 'in place of the'],
    [{ name: 's3-slow-down', on: 'web→s3' }, "of the web's PUT to s3 the HTTP proxy answered 503"],
    [{ name: 's3-denied', on: 'worker→s3' }, "of the worker's GET to s3 the HTTP proxy answered 403"],
    [{ name: 's3-list-cut-short', on: 'worker→s3' }, 'left 1 of 1 keys out of the list'],
    [{ name: 's3-object-corrupted', on: 'worker→s3' }, 'cut the object to'],
    [{ name: 's3-object-gone', on: 'worker→s3', limit: 1 }, 'answered 404'],
    [{ name: 'clickhouse-error', on: 'worker→clickhouse', code: 252, statements: 'insert' }, 'answered 500'],
    [{ name: 'clickhouse-error', on: 'web→clickhouse', code: 159 }, 'answered 408'],
    [{ name: 'clickhouse-breaks-off', on: 'worker→clickhouse' }, 'then closed the connection'],
  ] as const
).map(([spec, felt]) => ({ spec, felt }));

/** Has the worker write to Postgres. */
async function sendSession(): Promise<void> {
  const timestamp = new Date().toISOString();
  const body = { id: randomUUID(), timestamp, sessionId: randomUUID() };
  const event = { id: randomUUID(), type: 'trace-create', timestamp, body };
  await ask(stack, '/api/public/ingestion', { batch: [event] });
}

/** The server itself is unwell: what it said stands in the log of the process that asked. */
const SERVER_ROWS: readonly Row[] = [
  {
    spec: { name: 'clickhouse-read-only', on: 'clickhouse' },
    felt: 'the worker logged "Cannot execute query in readonly mode"',
  },
  { spec: { name: 'clickhouse-too-many-parts', on: 'clickhouse' }, felt: 'logged "Too many parts"' },
  { spec: { name: 'clickhouse-disk-full', on: 'clickhouse' }, felt: 'logged "enough free space"' },
  { spec: { name: 'clickhouse-memory-limit', on: 'clickhouse' }, felt: 'logged "memory limit exceeded"' },
  {
    spec: { name: 'clickhouse-wiped', on: 'clickhouse' },
    felt: /logged "(Unknown table|Table \S+ does not exist)/,
  },
  {
    spec: { name: 'redis-full', on: 'redis' },
    felt: 'logged "OOM command not allowed when used memory > \'maxmemory\'"',
  },
  { spec: { name: 'redis-full-evicting', on: 'redis' }, feltAtOnce: true, felt: 'Redis has evicted' },
  {
    spec: { name: 'redis-flushed', on: 'redis' },
    feltAtOnce: true,
    felt: 'what was in Redis right before is gone',
  },
  {
    spec: { name: 'postgres-read-only', on: 'postgres' },
    felt: 'the worker logged "cannot execute INSERT in a read-only transaction"',
    use: sendSession,
  },
  {
    spec: { name: 'postgres-out-of-connections', on: 'postgres' },
    felt: 'logged "sorry, too many clients already"',
  },
];

const ROWS = [...LINK_ROWS, ...DNS_ROWS, ...PROCESS_ROWS, ...CLOCK_ROWS, ...HTTP_ROWS, ...SERVER_ROWS];

test('every fault of the catalogue is among them', () => {
  const names = new Set(ROWS.map(({ spec }) => spec.name));
  expect(CATALOGUE.map(({ name }) => name).filter((name) => !names.has(name))).toEqual([]);
});

const titled = ROWS.map((row) => ({
  ...row,
  title: [row.spec.name, 'on', row.spec.on, row.spec.direction].filter(Boolean).join(' '),
}));

test.each(titled)(
  '$title: injected, felt when it is met, recovered, healed',
  async ({ spec, feltAtOnce, starts, felt, use = sendAndRead }) => {
    const fault = bindFault(spec);
    // Undoing what was never done does no harm: `undo` after a kill may do so.
    await fault.recover(stack);
    const logs = await logSizes(stack);
    const since = Date.now();
    const over = new AbortController();
    await fault.inject(stack);
    const meanwhile = fault.meanwhile(stack, over.signal);
    try {
      if (!feltAtOnce) expect(await fault.felt(stack, since, logs)).toBeUndefined();
      // Under some of the faults no answer comes before they end.
      const used = use().catch(() => {});
      const seen = await waitUntil('the fault to be felt', () => fault.felt(stack, since, logs), {
        timeoutMs: 10_000,
      });
      expect(seen).toMatch(felt);
      over.abort();
      await meanwhile;
      // Injecting it again changes nothing.
      if (!starts) await fault.inject(stack);
      await fault.recover(stack);
      await used;
    } finally {
      await fault.recover(stack);
    }
    await waitUntil('the fault to heal', () => fault.healed(stack), { timeoutMs: 20_000 });
    // The web comes back to a dependency in its own time.
    const sent = await waitUntil(
      'a trace to be acknowledged',
      async () => {
        const answer = await sendTrace(stack);
        return answer.status === 207 && answer;
      },
      { timeoutMs: 10_000 },
    );
    await untilLanded(stack, sent.id);
  },
);
