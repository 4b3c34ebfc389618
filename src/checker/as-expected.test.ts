import { expect, test } from 'vitest';
import { endedAsNamed } from './as-expected.ts';
import type { Reason, Verdict } from './verdict.ts';

const fail = (code: string): Reason => ({ verdict: 'fail', code, text: 'x' });
const unknown = (code: string): Reason => ({ verdict: 'unknown', code, text: 'x' });
const ended = (verdict: Verdict['verdict'], reasons: Reason[], named?: readonly string[]) =>
  endedAsNamed({ verdict, reasons }, named);

test('a pass is as expected where no reason to fail is named, a failure where all of its reasons are', () => {
  expect(ended('pass', [])).toBe(true);
  expect(ended('pass', [], ['lost'])).toBe(false);
  expect(ended('fail', [fail('lost')])).toBe(false);
  expect(ended('fail', [fail('lost')], ['lost'])).toBe(true);
  expect(ended('fail', [fail('lost'), fail('vanished')], ['lost', 'vanished'])).toBe(true);
  expect(ended('unknown', [unknown('nothing-happened')])).toBe(false);
});

test('a failure for another reason is not, nor one beside which something is not known', () => {
  expect(ended('fail', [fail('altered')], ['lost'])).toBe(false);
  expect(ended('fail', [fail('lost'), fail('altered')], ['lost'])).toBe(false);
  expect(ended('fail', [fail('vanished'), unknown('fault-not-felt')], ['vanished'])).toBe(false);
  // Unless the scenario itself raises the doubt, by what it sends.
  expect(ended('fail', [fail('lost'), unknown('event-id-reused')], ['lost', 'event-id-reused'])).toBe(true);
});
