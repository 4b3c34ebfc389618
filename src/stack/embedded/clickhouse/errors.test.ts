import { expect, test } from 'vitest';
import { ClickHouseException, httpStatusOf } from './errors.ts';

test('the code comes from the text of the engine', () => {
  const text = 'Code: 60. DB::Exception: Table a.b does not exist. (UNKNOWN_TABLE)\n';
  expect(ClickHouseException.from(new Error(text))).toMatchObject({ code: 60, message: text.trimEnd() });
  expect(ClickHouseException.from(new Error('unexpected end of file'))).toMatchObject({
    code: 1001,
    message: 'Code: 1001. DB::Exception: unexpected end of file. (STD_EXCEPTION)',
  });
  const refused = ClickHouseException.refuse(48, 'NOT_IMPLEMENTED', 'No');
  expect(ClickHouseException.from(refused)).toBe(refused);
  expect(refused.message).toBe('Code: 48. DB::Exception: No. (NOT_IMPLEMENTED)');
});

test.each([
  [60, 404],
  [81, 404],
  [62, 400],
  [27, 400],
  [516, 403],
  [159, 408],
  [48, 501],
  [241, 500],
  [252, 500],
  [243, 500],
  [1001, 500],
])('code %i gives status %i', (code, status) => {
  expect(httpStatusOf(code)).toBe(status);
});
