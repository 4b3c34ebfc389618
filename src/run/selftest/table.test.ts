import { expect, test } from 'vitest';
import type { SelfTestResult } from './run-case.ts';
import { renderTable } from './table.ts';

const right: SelfTestResult = {
  defect: 'skip-s3',
  what: 'web leaves out an object',
  expected: 'lost · not-in-s3',
  said: 'lost · not-in-s3 ×1',
  misses: [],
  hit: 1,
  seconds: 11,
};

test('a line for each defect, and how many were named rightly', () => {
  expect(renderTable([right], 11, String)).toBe(
    [
      '   defect   what was planted          expected          the verdict said',
      '✓  skip-s3  web leaves out an object  lost · not-in-s3  lost · not-in-s3 ×1',
      '',
      '1 of 1 named with the right outcome and stage, in 11 s',
      '',
    ].join('\n'),
  );
});

test('a miss says what was wrong and where its run folder lies', () => {
  const text = renderTable(
    [{ ...right, said: 'pass', misses: ['a', 'b', 'c', 'd', 'e', 'f'], folder: '/x' }],
    1,
    (path) => `.${path}`,
  );
  expect(text).toContain('✗  skip-s3');
  expect(text).toContain(
    '✗ skip-s3\n  a\n  b\n  c\n  d\n  e\n  and 1 more\n  run folder: ./x\n\n0 of 1 named',
  );
});
