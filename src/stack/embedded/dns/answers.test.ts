import { type DecodedPacket, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import { expect, test } from 'vitest';
import type { ZoneFault } from '../../stack.ts';
import { type Answer, answerOverTcp, answerOverUdp, type View } from './answers.ts';

const NAME = 'clickhouse.chaos.test';

/** The faults of the view begin at 0 on a clock in milliseconds. */
const view = (zone?: ZoneFault, whole?: View['fault']): View => ({
  names: new Set([NAME]),
  address: '127.0.0.1',
  faults: new Map(zone ? [[NAME, { fault: zone, since: 0 }]] : []),
  fault: whole,
});

const ask = (name: string, type: 'A' | 'AAAA' | 'TXT' = 'A'): Packet => ({
  type: 'query',
  id: 4711,
  flags: RECURSION_DESIRED,
  questions: [{ type, name }],
});

/** What a resolver would read. */
function onTheWire({ response }: Answer) {
  if (!response) throw new Error('nothing was answered');
  return decode(encode(response)) as DecodedPacket & { rcode: string };
}

const answerFrom = (from: View, query: Packet, now = 0) => answerOverTcp(from, query, now);

test('over UDP every answer is truncated and holds the question alone', () => {
  const answered = answerOverUdp(view({ kind: 'nxdomain' }, 'udp-only'), ask(NAME));
  const read = onTheWire(answered);
  expect(answered).toMatchObject({ answer: 'truncated' });
  expect(read).toMatchObject({ type: 'response', id: 4711, flag_tc: true, rcode: 'NOERROR', answers: [] });
  expect(read.questions).toMatchObject([{ name: NAME, type: 'A' }]);
});

test('a name of the stack has an address that must not be remembered', () => {
  const answered = answerFrom(view(), ask(NAME));
  expect(answered.answer).toBe('address');
  expect(onTheWire(answered)).toMatchObject({
    id: 4711,
    flag_tc: false,
    rcode: 'NOERROR',
    answers: [{ name: NAME, type: 'A', ttl: 0, data: '127.0.0.1' }],
  });
});

test('the spelling of the question comes back as it was asked, for resolvers that check it', () => {
  const read = onTheWire(answerFrom(view(), ask('ClickHouse.Chaos.TEST')));
  expect(read.questions).toMatchObject([{ name: 'ClickHouse.Chaos.TEST' }]);
  expect(read.answers).toHaveLength(1);
});

test.each(['AAAA', 'TXT'] as const)('it has no %s record, which is not the same as not to exist', (type) => {
  const answered = answerFrom(view(), ask(NAME, type));
  expect(answered.answer).toBe('empty');
  expect(onTheWire(answered)).toMatchObject({ rcode: 'NOERROR', answers: [] });
});

test('any other name does not exist', () => {
  const answered = answerFrom(view(), ask('example.com'));
  expect(answered.answer).toBe('nxdomain');
  expect(onTheWire(answered)).toMatchObject({ rcode: 'NXDOMAIN', answers: [] });
});

test.each([
  ['nxdomain', 'NXDOMAIN'],
  ['servfail', 'SERVFAIL'],
  ['refused', 'REFUSED'],
  ['empty', 'NOERROR'],
] as const)('a name with the fault %s is answered with %s, whatever is asked of it', (kind, rcode) => {
  for (const type of ['A', 'AAAA'] as const) {
    const answered = answerFrom(view({ kind }), ask(NAME, type));
    expect(answered).toMatchObject({ answer: kind, fault: kind });
    expect(onTheWire(answered)).toMatchObject({ rcode, answers: [] });
  }
});

test('a silent name gets no answer, a slow one the usual answer later', () => {
  expect(answerFrom(view({ kind: 'silent' }), ask(NAME))).toEqual({ answer: 'none', fault: 'silent' });
  // Not even the "truncated" that sends a resolver to TCP, where some wait without end.
  expect(answerOverUdp(view({ kind: 'silent' }), ask(NAME))).toEqual({ answer: 'none', fault: 'silent' });
  expect(answerOverUdp(view({ kind: 'silent' }), ask('example.com'))).toMatchObject({ answer: 'truncated' });
  const late = answerFrom(view({ kind: 'slow', delayMs: 700 }), ask(NAME));
  expect(late).toMatchObject({ answer: 'address', fault: 'slow', delayMs: 700 });
  expect(onTheWire(late)).toMatchObject({ answers: [{ data: '127.0.0.1' }] });
});

test('the address of a host that is gone takes the place of the right one; there is still no AAAA record', () => {
  const gone = view({ kind: 'address', address: '127.9.9.9' });
  const answered = answerFrom(gone, ask(NAME));
  expect(answered).toMatchObject({ answer: 'address', fault: 'address' });
  expect(onTheWire(answered)).toMatchObject({
    answers: [{ name: NAME, type: 'A', ttl: 0, data: '127.9.9.9' }],
  });
  const other = answerFrom(gone, ask(NAME, 'AAAA'));
  expect(other.answer).toBe('empty');
  expect(other.fault).toBeUndefined();
});

test('a flapping name is gone for a period and there for the next', () => {
  const flapping = view({ kind: 'flapping', periodMs: 300 });
  const at = (now: number) => answerFrom(flapping, ask(NAME), now);
  expect([0, 299, 300, 599, 600].map((now) => at(now).answer)).toEqual([
    'nxdomain',
    'nxdomain',
    'address',
    'address',
    'nxdomain',
  ]);
  expect(at(0).fault).toBe('flapping');
  expect(at(300).fault).toBeUndefined();
});

test('a name with an IPv6 address only has that and no other', () => {
  const only = view({ kind: 'aaaa-only', address: '::1' });
  expect(onTheWire(answerFrom(only, ask(NAME, 'AAAA')))).toMatchObject({
    rcode: 'NOERROR',
    answers: [{ name: NAME, type: 'AAAA', ttl: 0, data: '::1' }],
  });
  expect(onTheWire(answerFrom(only, ask(NAME)))).toMatchObject({ rcode: 'NOERROR', answers: [] });
});

test('a fault of a name leaves other names alone', () => {
  expect(answerFrom(view({ kind: 'silent' }), ask('example.com'))).toMatchObject({ answer: 'nxdomain' });
});

test('a resolver that is away answers nothing; one that is there over UDP only cuts what comes over TCP', () => {
  expect(answerOverUdp(view(undefined, 'away'), ask(NAME))).toEqual({ answer: 'none', fault: 'away' });
  expect(answerFrom(view(undefined, 'away'), ask(NAME))).toEqual({ answer: 'none', fault: 'away' });
  expect(answerFrom(view(undefined, 'udp-only'), ask(NAME))).toEqual({ answer: 'cut', fault: 'udp-only' });
});
