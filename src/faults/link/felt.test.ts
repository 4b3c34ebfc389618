import { expect, test } from 'vitest';
import type { FaultSpec } from '../../scenario/scenario.ts';
import type { DnsQuery, Exchange, Stack } from '../../stack/stack.ts';
import { bindFault } from '../catalogue.ts';

const SINCE = 10_000;

/** A plain exchange after the injection: 100 bytes sent at once, 200 received 5 ms later, the connection still open. */
const plain: Exchange = {
  openedAt: 10_100,
  connectedAt: 10_101,
  begunAt: 10_102,
  sent: 100,
  received: 200,
  pieces: 1,
  firstAt: 10_107,
  lastAt: 10_107,
  sentInAll: 100,
  receivedInAll: 200,
  seenAt: 10_150,
};

/** One that has no answer. */
const { firstAt: _first, lastAt: _last, ...rest } = plain;
const unanswered: Exchange = { ...rest, received: 0, receivedInAll: 0, pieces: 0 };

/** What a fault makes of the only exchange that its process had. */
function feltOf(spec: Omit<FaultSpec, 'on'>, exchange: Exchange): Promise<string | undefined> {
  const stack = {
    exchanges: async () => [exchange],
    linkAddress: () => ({ host: '127.0.0.1', port: 4000 }),
  } as unknown as Stack;
  return bindFault({ ...spec, on: 'worker→s3' } as FaultSpec).felt(stack, SINCE, { web: 0, worker: 0 });
}

const over = { endedAt: 10_200, end: 'remote' };

test.each<[string, Omit<FaultSpec, 'on'>, Exchange, string]>([
  [
    'refused',
    { name: 'refused' },
    { ...unanswered, sent: 0, ...over, end: 'ECONNREFUSED' },
    'the worker got "connect ECONNREFUSED 127.0.0.1:4000"',
  ],
  [
    'accepted and closed',
    { name: 'dead-upstream' },
    { ...unanswered, ...over },
    'the worker connected over worker→s3, and the connection was closed without an answer',
  ],
  [
    'half a second of silence',
    { name: 'black-hole' },
    { ...unanswered, seenAt: 10_702 },
    'the worker has waited 0.6 s for an answer over worker→s3',
  ],
  [
    'given up after a while',
    { name: 'black-hole' },
    { ...unanswered, endedAt: 13_102, end: 'local' },
    'the worker has waited 3.0 s for an answer over worker→s3',
  ],
  [
    'asked before, silent for long',
    { name: 'black-hole' },
    { ...unanswered, begunAt: 9000, seenAt: 16_000 },
    'the worker has waited 6.0 s for an answer over worker→s3',
  ],
  [
    'reset',
    { name: 'reset' },
    { ...unanswered, ...over, end: 'ECONNRESET' },
    'the worker got ECONNRESET over worker→s3',
  ],
  [
    'late',
    { name: 'latency', latencyMs: 300, jitterMs: 50 },
    { ...plain, firstAt: 10_360 },
    'the worker waited 258 ms for an answer over worker→s3',
  ],
  [
    'narrow, to come',
    { name: 'bandwidth', kilobytesPerSecond: 1 },
    { ...plain, lastAt: 10_300 },
    'the worker needed 198 ms for 200 bytes from the far end of worker→s3',
  ],
  [
    'narrow, to go',
    { name: 'bandwidth', kilobytesPerSecond: 1, direction: 'upstream' },
    { ...plain, firstAt: 10_200 },
    'the worker needed 98 ms for 100 bytes to the far end of worker→s3',
  ],
  [
    'in pieces',
    { name: 'sliced' },
    { ...plain, pieces: 4 },
    'the worker got an answer of 200 bytes over worker→s3 in 4 pieces',
  ],
  [
    'sent in pieces',
    { name: 'sliced', direction: 'upstream', bytes: 10, delayMs: 5 },
    { ...plain, firstAt: 10_150 },
    'the worker waited 48 ms until 100 bytes had gone over worker→s3 in slices',
  ],
  [
    'cut on the way back',
    { name: 'cut-after', bytes: 200 },
    { ...plain, ...over },
    'the worker got 200 bytes over worker→s3, and the connection was closed',
  ],
  [
    'cut on the way',
    { name: 'cut-after', bytes: 60, direction: 'upstream' },
    { ...unanswered, ...over, end: 'ECONNRESET' },
    'the worker sent 100 bytes over worker→s3, and the connection ended with ECONNRESET',
  ],
  [
    'no answer but the end',
    { name: 'answer-lost' },
    { ...unanswered, ...over },
    'the worker sent 100 bytes over worker→s3, and the connection was closed instead of an answer',
  ],
  [
    'the end comes late',
    { name: 'slow-close', delayMs: 500 },
    { ...plain, endedAt: 10_700, end: 'remote' },
    'the worker saw a connection over worker→s3 end, 0.7 s after the injection',
  ],
  [
    'its own end comes late',
    { name: 'slow-close', delayMs: 500 },
    { ...plain, endedAt: 10_700, end: 'local', closingMs: 510 },
    'the worker waited 510 ms for the end of a connection over worker→s3',
  ],
])('%s is felt', async (_what, spec, exchange, text) => {
  expect(await feltOf(spec, exchange)).toBe(text);
});

/** The same, but before the injection. */
const before = (exchange: Exchange): Exchange => ({
  ...exchange,
  openedAt: 9000,
  connectedAt: 9000,
  begunAt: 9000,
  ...(exchange.firstAt === undefined ? {} : { firstAt: 9500, lastAt: 9500 }),
  ...(exchange.endedAt === undefined ? {} : { endedAt: 9900 }),
});

test.each<[string, Omit<FaultSpec, 'on'>, Exchange]>([
  [
    'a refusal before the injection',
    { name: 'refused' },
    before({ ...unanswered, ...over, end: 'ECONNREFUSED' }),
  ],
  ['another error', { name: 'refused' }, { ...unanswered, ...over, end: 'ETIMEDOUT' }],
  ['an end after an answer', { name: 'dead-upstream' }, { ...plain, ...over }],
  [
    'an end by the process itself',
    { name: 'dead-upstream' },
    { ...unanswered, endedAt: 10_200, end: 'local' },
  ],
  ['a moment of silence', { name: 'black-hole' }, { ...unanswered, seenAt: 10_300 }],
  [
    'silence after what was asked before, for less than a waiting worker has it',
    { name: 'black-hole' },
    { ...unanswered, begunAt: 9000, seenAt: 14_000 },
  ],
  [
    'an open connection on which nothing was sent',
    { name: 'black-hole' },
    { ...unanswered, sent: 0, seenAt: 20_000 },
  ],
  ['a reset before the injection', { name: 'reset' }, before({ ...unanswered, ...over, end: 'ECONNRESET' })],
  ['an end that is no reset', { name: 'reset' }, { ...unanswered, ...over }],
  ['an answer in time', { name: 'latency' }, plain],
  ['an answer that was late before the injection', { name: 'latency', latencyMs: 300 }, before(plain)],
  [
    'an answer in less time than its bytes need',
    { name: 'bandwidth', kilobytesPerSecond: 1 },
    { ...plain, lastAt: 10_150 },
  ],
  ['too few bytes to tell', { name: 'bandwidth', kilobytesPerSecond: 1000 }, { ...plain, lastAt: 19_000 }],
  ['an answer in one piece', { name: 'sliced' }, plain],
  ['a big answer in a few pieces', { name: 'sliced' }, { ...plain, received: 60_000, pieces: 3 }],
  [
    'an answer sooner than the slices can go',
    { name: 'sliced', direction: 'upstream', bytes: 10, delayMs: 5 },
    plain,
  ],
  ['an end after more bytes', { name: 'cut-after', bytes: 100 }, { ...plain, ...over }],
  [
    'an end after fewer bytes',
    { name: 'cut-after', bytes: 101, direction: 'upstream' },
    { ...unanswered, ...over },
  ],
  [
    'a connection from before, whose bytes count from later',
    { name: 'cut-after', bytes: 200 },
    { ...plain, ...over, openedAt: 9000 },
  ],
  ['an end after the answer', { name: 'answer-lost' }, { ...plain, ...over }],
  ['an end before anything was sent', { name: 'answer-lost' }, { ...unanswered, sent: 0, ...over }],
  [
    'an end that cannot have been held back',
    { name: 'slow-close', delayMs: 500 },
    { ...plain, endedAt: 10_300, end: 'remote' },
  ],
  [
    'an end by the process that took no time',
    { name: 'slow-close', delayMs: 500 },
    { ...plain, endedAt: 10_900, end: 'local', closingMs: 2 },
  ],
])('%s is not felt', async (_what, spec, exchange) => {
  expect(await feltOf(spec, exchange)).toBeUndefined();
});

test('jitter above the latency is refused', () => {
  expect(() => bindFault({ name: 'latency', on: 'web→s3', latencyMs: 10, jitterMs: 20 })).toThrow(
    'jitterMs is above latencyMs',
  );
});

test('a link to the resolver: the process asked since, got no fault of a name, and logged that it found nothing', async () => {
  const felt = (query: Partial<DnsQuery>, line: string) => {
    const stack = {
      linkAddress: () => ({ host: '127.0.0.1', port: 4000 }),
      dns: { queries: async () => [{ from: 'worker', name: 's3.chaos.test', ...query }] },
      component: () => ({ log: async () => [line] }),
    } as unknown as Stack;
    return bindFault({ name: 'refused', on: 'worker→dns' }).felt(stack, SINCE, { web: 0, worker: 0 });
  };
  const again = 'getaddrinfo EAI_AGAIN s3.chaos.test';
  expect(await felt({}, again)).toBe(`the worker logged "${again}"`);
  expect(await felt({ from: 'web' }, again)).toBeUndefined();
  expect(await felt({ fault: 'servfail' }, again)).toBeUndefined();
  expect(await felt({ name: 'redis.chaos.test' }, again)).toBeUndefined();
  expect(await felt({}, 'getaddrinfo ENOTFOUND s3.chaos.test')).toBeUndefined();
});
