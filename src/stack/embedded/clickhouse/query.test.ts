import { expect, test } from 'vitest';
import { readQuery } from './query.ts';

const read = (inUrl: string, body: string | Buffer) => {
  const { sql, data } = readQuery(inUrl, Buffer.from(body));
  return [sql, data?.toString('latin1')];
};

test('a query comes from the URL, the body, or both', () => {
  expect(read('SELECT 1', '')).toEqual(['SELECT 1', undefined]);
  expect(read('', 'SELECT 1')).toEqual(['SELECT 1', undefined]);
  expect(read('SELECT', '1')).toEqual(['SELECT\n1', undefined]);
});

test('an INSERT has data, which stay bytes', () => {
  const insert = 'INSERT INTO t FORMAT RowBinary';
  expect(read(insert, Buffer.from([0xff, 0]))).toEqual([insert, '\xff\0']);
  expect(read('', Buffer.concat([Buffer.from(`${insert}\n`), Buffer.from([0xff, 10, 0])]))).toEqual([
    insert,
    '\xff\n\0',
  ]);
  expect(read('', 'INSERT INTO t VALUES (1)')).toEqual(['INSERT INTO t VALUES (1)', '']);
  expect(read('', 'INSERT INTO t\nSELECT 1')).toEqual(['INSERT INTO t', 'SELECT 1']);
});

test('nothing and several statements are refused as by the server', () => {
  expect(() => read('', '')).toThrow('Code: 62. DB::Exception: Syntax error: Empty query. (SYNTAX_ERROR)');
  expect(() => read('', 'SELECT 1; SELECT 2')).toThrow('Multi-statements are not allowed');
});
