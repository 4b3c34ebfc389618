import { expect, test } from 'vitest';
import { ChaosError, messageOf } from './errors.ts';
import { logExcerpt } from './log-excerpt.ts';

test('an error says what happened, what was expected, the log, what to do next, and its code', () => {
  const error = new ChaosError({
    code: 'E_EXAMPLE',
    happened: 'Redis did not start.',
    expected: 'an answer to PING within 5 s',
    log: logExcerpt(['first', 'last'], []),
    remedy: 'free some memory and run again.',
  });
  expect(error.message).toBe(
    [
      'Redis did not start.',
      '  expected: an answer to PING within 5 s',
      '  last log lines:',
      '    first',
      '    last',
      '  next: free some memory and run again.',
      '  (E_EXAMPLE, see docs/errors.md#e_example)',
    ].join('\n'),
  );
});

test('the parts that are not known are left out', () => {
  const error = new ChaosError({ code: 'E_X', happened: 'It broke.', remedy: 'mend it.' });
  expect(error.message).toBe('It broke.\n  next: mend it.\n  (E_X, see docs/errors.md#e_x)');
});

test('messageOf finds the texts inside an AggregateError without a message', () => {
  expect(messageOf(new AggregateError([new Error('a'), new Error('b')]))).toBe('a; b');
  expect(messageOf('plain')).toBe('plain');
});
