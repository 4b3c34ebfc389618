import { expect, test } from 'vitest';
import { parseScenario } from './schema.ts';

const good = {
  name: 'example',
  proves: 'That it works.',
  traffic: { kind: 'generated', rate: 10, duration: 5, maxBatch: 10, maxBytes: 1000 },
  timeline: [{ at: 1, for: 2, fault: { name: 'refused', on: 'worker→clickhouse' } }],
  recovery: ['replay from S3'],
  expect: [],
};

test('a well-formed scenario passes as it is', () => {
  expect(parseScenario(good, 'example.ts')).toEqual(good);
});

test('a link may be written with ->', () => {
  const timeline = [{ at: 1, for: 2, fault: { name: 'refused', on: 'worker->clickhouse' } }];
  expect(parseScenario({ ...good, timeline }, 'example.ts')).toEqual(good);
});

test('a mistake is named with its place', () => {
  const bad = { ...good, traffic: { ...good.traffic, rate: -1 }, recovry: [] };
  expect(() => parseScenario(bad, 'example.ts')).toThrow(
    /^example\.ts is not a scenario:[\s\S]*recovry[\s\S]*traffic\.rate/,
  );
  expect(() => parseScenario(undefined, 'empty.ts')).toThrow('empty.ts is not a scenario');
});

const refused = (at: number, seconds: number) => ({
  at,
  for: seconds,
  fault: { name: 'refused', on: 'worker→clickhouse' },
});

test('what could not be judged is refused: faults that overlap, steps out of order, expectations without a bound', () => {
  const parse = (change: object) => () => parseScenario({ ...good, ...change }, 'x.ts');
  expect(parse({ timeline: [refused(1, 5), refused(3, 1)] })).toThrow(
    'two faults on worker→clickhouse overlap',
  );
  expect(parse({ timeline: [refused(1, 2), refused(3, 1)] })).not.toThrow();
  expect(parse({ recovery: ['replay from S3', 'retry failed jobs'] })).toThrow(
    'the retry comes before the replay',
  );
  expect(parse({ recovery: ['replay from S3', 'replay from S3'] })).toThrow('each at most once');
  const unbounded = { kind: 'must', text: 'x', about: 'missing', at: 'settled' };
  expect(parse({ expect: [unbounded] })).toThrow('needs atLeast or atMost');
  expect(parse({ expect: [{ ...unbounded, atLeast: 2, atMost: 1 }] })).toThrow('needs atLeast or atMost');
});

test('a process is not replaced while a fault is on it, but one on its links may be', () => {
  const replace = { at: 2, replace: 'worker', by: 'other' };
  const parse = (on: string) => () =>
    parseScenario({ ...good, timeline: [{ at: 1, for: 5, fault: { name: 'x', on } }, replace] }, 'x.ts');
  expect(parse('worker')).toThrow('two faults on worker overlap');
  expect(parse('worker→clickhouse')).not.toThrow();
  expect(parse('clickhouse')).not.toThrow();
});

test('a replacement says which jobs it is to meet', () => {
  const parse = (meets: unknown) => () =>
    parseScenario({ ...good, timeline: [{ at: 2, replace: 'worker', by: 'other', meets }] }, 'x.ts');
  expect(parse(['waiting', 'failed'])).not.toThrow();
  expect(parse(['lost'])).toThrow('meets');
  expect(parse([])).toThrow('meets');
});

const fault = { name: 'refused', on: 'worker→clickhouse' };
const figure = { kind: 'must', text: 'x', about: 'missing', at: 'settled', atMost: 0 };

test.each<[string, object, string]>([
  [
    'a typo in the key of a step',
    { timeline: [{ at: 1, for: 2, falt: fault }] },
    '✖ Unrecognized key: "falt"\n  → at timeline[0]\n✖ fault is missing: expected object. Is it "falt"?\n  → at timeline[0].fault',
  ],
  [
    'a typo in the key that says what a step is, and no length that would tell it too',
    { timeline: [{ at: 1, falt: fault }] },
    '✖ Unrecognized key: "falt"\n  → at timeline[0]\n✖ for is missing: expected number\n  → at timeline[0].for\n✖ fault is missing: expected object. Is it "falt"?\n  → at timeline[0].fault\n  expected',
  ],
  [
    'a typo in another such key',
    { timeline: [{ at: 1, prob: 'x' }] },
    '✖ Unrecognized key: "prob"\n  → at timeline[0]\n✖ probe is missing: expected string. Is it "prob"?\n  → at timeline[0].probe\n  expected',
  ],
  [
    'a typo in every key',
    { timeline: [{ ats: 1, fors: 2, falt: fault }] },
    '✖ Unrecognized keys: "ats", "fors", "falt"\n  → at timeline[0]\n✖ at is missing: expected number. Is it "ats"?\n  → at timeline[0].at\n✖ for is',
  ],
  [
    'a step of which nothing tells what it is',
    { timeline: [{ at: 1, explode: 'now' }] },
    '✖ Unrecognized key: "explode"\n  → at timeline[0]\n✖ needs "for" and "fault", or "probe", or "timeout" and "inTurn", or "send", or "recover", or "replace" and "by"\n  → at timeline[0]\n  expected',
  ],
  [
    'an empty step',
    { timeline: [{}] },
    '✖ needs "for" and "fault", or "probe", or "timeout" and "inTurn", or "send", or "recover", or "replace" and "by"\n  → at timeline[0]\n✖ at is missing: expected number\n  → at timeline[0].at\n  expected',
  ],
  [
    'a typo in the key that says what an expectation is about',
    { expect: [{ kind: 'must', text: 'x', abot: 'missing', at: 'settled', atMost: 0 }] },
    '✖ about is missing: expected one of "missing"|"blind-loss"|"failed-set"|"outcome"|"stage"|"probe"|"guide". Is it "abot"?\n  → at expect[0].about',
  ],
  [
    'a typo in the key that says what the traffic is',
    { traffic: { knd: 'generated' } },
    "✖ kind is missing: expected 'recording' | 'generated'. Is it \"knd\"?\n  → at traffic.kind",
  ],
  [
    'a fault that lasts no time',
    { timeline: [{ at: 1, for: 0, fault }] },
    '✖ Too small: expected number to be >0\n  → at timeline[0].for',
  ],
  [
    'a fault without a length',
    { timeline: [{ at: 1, fault }] },
    '✖ for is missing: expected number\n  → at timeline[0].for',
  ],
  [
    'a step before the traffic',
    { timeline: [{ at: -1, probe: 'x' }] },
    '✖ Too small: expected number to be >=0\n  → at timeline[0].at',
  ],
  [
    'a step after a day',
    { timeline: [{ at: 90_000, probe: 'x' }] },
    '✖ Too big: expected number to be <=86400\n  → at timeline[0].at',
  ],
  [
    'a fault that hits nothing',
    { timeline: [{ at: 1, for: 2, fault: { name: 'refused' } }] },
    '✖ on is missing: expected string\n  → at timeline[0].fault.on',
  ],
  [
    'a step that is no object',
    { timeline: ['refused'] },
    '✖ Invalid input: expected object, received string\n  → at timeline[0]',
  ],
  [
    'an unknown subject of an expectation',
    { expect: [{ ...figure, about: 'mising' }] },
    '✖ Invalid option: expected one of "missing"|"blind-loss"|"failed-set"|"outcome"|"stage"|"probe"',
  ],
  [
    'an unknown subject that is near to one of another branch',
    { expect: [{ ...figure, about: 'outcom' }] },
    '✖ Invalid option: expected one of "missing"|"blind-loss"|"failed-set"|"outcome"|"stage"|"probe"|"guide". Did you mean "outcome"?',
  ],
  [
    'an unknown checkpoint',
    { expect: [{ ...figure, at: 'setled' }] },
    '✖ Invalid option: expected one of "heal"|"settled"|"after-retry"|"after-replay". Did you mean "settled"?\n  → at expect[0].at',
  ],
  [
    'an expectation that lacks a key of its kind',
    { expect: [{ ...figure, about: 'outcome' }] },
    '✖ outcome is missing: expected one of "ok"|"late"|"recovered-by-retry"',
  ],
  [
    'an outcome that there is not',
    { expect: [{ ...figure, about: 'outcome', outcome: 'recoverd-by-retry' }] },
    '✖ Invalid option: expected one of "ok"|"late"|"recovered-by-retry"',
  ],
  [
    'a stage that there is not',
    { expect: [{ ...figure, about: 'stage', stage: 's3only' }] },
    '✖ Invalid option: expected one of "not-in-s3"|"s3-only"|"queued"|"failed-set"|"clickhouse-hidden". Did you mean "s3-only"?\n  → at expect[0].stage',
  ],
  [
    'an unknown kind of traffic',
    { traffic: { kind: 'generatd' } },
    "✖ Invalid discriminator value. Expected 'recording' | 'generated'. Did you mean \"generated\"?\n  → at traffic.kind",
  ],
  ['no kind of traffic', { traffic: {} }, "✖ kind is missing: expected 'recording' | 'generated'"],
  ['no traffic', { traffic: undefined }, '✖ traffic is missing'],
  [
    'an expectation without a subject',
    { expect: [{ kind: 'must', text: 'x', at: 'settled', atMost: 0 }] },
    '✖ about is missing: expected one of "missing"|"blind-loss"',
  ],
])('%s: the real mistake and its place', (_what, change, said) => {
  expect(() => parseScenario({ ...good, ...change }, 'mine.ts')).toThrow(
    `mine.ts is not a scenario:\n${said}`,
  );
});

test('the reasons for which v3.36.0 fails are those of a verdict, and one of them fails a run', () => {
  const parse = (...named: string[]) => parseScenario({ ...good, failsOnV3360With: named }, 'x.ts');
  expect(() => parse('lost', 'event-id-reused')).not.toThrow();
  expect(() => parse('missing')).toThrow('expected one of "lost"|"vanished"|"altered"');
  expect(() => parse()).toThrow('at least one of lost, vanished, altered');
  expect(() => parse('event-id-reused')).toThrow('at least one of lost, vanished, altered');
});

test('an unknown recovery step in the timeline is answered with those that there are', () => {
  const timeline = [{ at: 1, recover: 'retry' }];
  expect(() => parseScenario({ ...good, timeline }, 'mine.ts')).toThrow(
    /Invalid option: expected one of "retry failed jobs"\|"replay from S3".*\n {2}→ at timeline\[0\]\.recover/,
  );
});

test('faults in turn have an end that nobody knows before, and hit the web or the worker', () => {
  const parse = (timeline: object[]) => () => parseScenario({ ...good, timeline }, 'x.ts');
  const inTurn = (...links: string[]) => ({
    at: 1,
    timeout: 5,
    inTurn: links.map((on) => ({ fault: { name: 'name-gone', on }, probe: 'x' })),
  });
  expect(parse([inTurn('web→s3', 'web→s3', 'web→redis'), inTurn('worker→s3')])).not.toThrow();
  expect(parse([inTurn('web→s3'), inTurn('web→s3')])).toThrow('two faults on web→s3 overlap');
  const later = { at: 1000, for: 1, fault: { name: 'name-gone', on: 'web→s3' } };
  expect(parse([inTurn('web→s3'), later])).toThrow('two faults on web→s3 overlap');
  expect(parse([inTurn('redis')])).toThrow('the web or the worker');
  expect(parse([inTurn()])).toThrow('inTurn');
});

test('of a step of the guide something has to be expected', () => {
  const guide = { kind: 'shows', text: 'x', about: 'guide', step: 'guide: retry all at once' };
  expect(() => parseScenario({ ...good, expect: [guide] }, 'x.ts')).toThrow('needs did or broughtBack');
  expect(() => parseScenario({ ...good, expect: [{ ...guide, broughtBack: 0 }] }, 'x.ts')).not.toThrow();
});

test('of a probe something has to be expected', () => {
  const probe = { kind: 'must', text: 'x', about: 'probe', label: 'x', endpoint: 'GET /' };
  expect(() => parseScenario({ ...good, expect: [probe] }, 'x.ts')).toThrow(
    'needs status, body or persisted',
  );
  expect(() => parseScenario({ ...good, expect: [{ ...probe, persisted: 'S3' }] }, 'x.ts')).not.toThrow();
});
