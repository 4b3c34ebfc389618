import { type DecodedPacket, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import { expect, test } from 'vitest';
import { answerFrom, truncated, type View } from './answers.ts';

const NAME = 'clickhouse.chaos.test';

const view = (faults: View['faults'] = new Map()): View => ({
  names: new Set([NAME]),
  address: '127.0.0.1',
  faults,
});

const ask = (name: string, type: 'A' | 'AAAA' | 'TXT' = 'A'): Packet => ({
  type: 'query',
  id: 4711,
  flags: RECURSION_DESIRED,
  questions: [{ type, name }],
});

/** What a resolver would read. */
const onTheWire = (packet: Packet) => decode(encode(packet)) as DecodedPacket & { rcode: string };

test('over UDP every answer is truncated and holds the question alone', () => {
  const { response, answer } = truncated(ask(NAME));
  const read = onTheWire(response);
  expect(answer).toBe('truncated');
  expect(read).toMatchObject({ type: 'response', id: 4711, flag_tc: true, rcode: 'NOERROR', answers: [] });
  expect(read.questions).toMatchObject([{ name: NAME, type: 'A' }]);
});

test('a name of the stack has an address that must not be remembered', () => {
  const { response, answer } = answerFrom(view(), ask(NAME));
  expect(answer).toBe('address');
  expect(onTheWire(response)).toMatchObject({
    id: 4711,
    flag_tc: false,
    rcode: 'NOERROR',
    answers: [{ name: NAME, type: 'A', ttl: 0, data: '127.0.0.1' }],
  });
});

test('the spelling of the question comes back as it was asked, for resolvers that check it', () => {
  const { response } = answerFrom(view(), ask('ClickHouse.Chaos.TEST'));
  expect(onTheWire(response).questions).toMatchObject([{ name: 'ClickHouse.Chaos.TEST' }]);
  expect(onTheWire(response).answers).toHaveLength(1);
});

test.each(['AAAA', 'TXT'] as const)('it has no %s record, which is not the same as not to exist', (type) => {
  const { response, answer } = answerFrom(view(), ask(NAME, type));
  expect(answer).toBe('empty');
  expect(onTheWire(response)).toMatchObject({ rcode: 'NOERROR', answers: [] });
});

test('any other name does not exist', () => {
  const { response, answer } = answerFrom(view(), ask('example.com'));
  expect(answer).toBe('nxdomain');
  expect(onTheWire(response)).toMatchObject({ rcode: 'NXDOMAIN', answers: [] });
});

test.each([
  ['nxdomain', 'NXDOMAIN'],
  ['servfail', 'SERVFAIL'],
] as const)('a name with the fault %s is answered with %s, whatever is asked of it', (fault, rcode) => {
  for (const type of ['A', 'AAAA'] as const) {
    const { response, answer } = answerFrom(view(new Map([[NAME, fault]])), ask(NAME, type));
    expect(answer).toBe(fault);
    expect(onTheWire(response)).toMatchObject({ rcode, answers: [] });
  }
});
