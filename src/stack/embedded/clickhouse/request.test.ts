import { expect, test } from 'vitest';
import { readOptions } from './request.ts';

const read = (search: string, headers = {}, readOnly = false) =>
  readOptions(new URLSearchParams(search), headers, readOnly);

test('everything that is neither reserved nor a parameter is a setting', () => {
  const options = read(
    'query=SELECT+1&query_id=q1&database=db&default_format=CSV&wait_end_of_query=1&param_a=%5C%27x&param_b=&async_insert=1&max_threads=2&user=u&password=p',
  );
  expect(options).toMatchObject({
    query: 'SELECT 1',
    queryId: 'q1',
    database: 'db',
    defaultFormat: 'CSV',
    gzip: false,
  });
  expect(options.params).toEqual(
    new Map([
      ['a', `\\'x`],
      ['b', ''],
    ]),
  );
  expect(options.settings).toEqual(
    new Map([
      ['async_insert', '1'],
      ['max_threads', '2'],
    ]),
  );
});

test('headers may name the format and the database', () => {
  const headers = { 'x-clickhouse-format': 'JSON', 'x-clickhouse-database': 'other' };
  expect(read('database=db&default_format=CSV', headers)).toMatchObject({
    database: 'other',
    defaultFormat: 'JSON',
  });
  expect(read('')).toMatchObject({ database: undefined, queryId: undefined, defaultFormat: 'TabSeparated' });
});

test('the answer is compressed only when setting and header both ask for it', () => {
  const accepts = { 'accept-encoding': 'deflate, gzip' };
  expect(read('enable_http_compression=1', accepts).gzip).toBe(true);
  expect(read('enable_http_compression=1').gzip).toBe(false);
  expect(read('enable_http_compression=0', accepts).gzip).toBe(false);
  expect(read('', accepts).gzip).toBe(false);
});

test('a GET changes nothing', () => {
  expect(read('', {}, true).settings.get('readonly')).toBe('2');
  expect(read('readonly=1', {}, true).settings.get('readonly')).toBe('1');
  expect(read('').settings.has('readonly')).toBe(false);
});

test('what is not supported is refused, not passed over', () => {
  for (const search of ['session_id=s', 'role=admin', 'compress=1', 'decompress=1']) {
    expect(() => read(search), search).toThrow('Code: 48.');
  }
  expect(read('compress=0&session_id=').settings.size).toBe(0);
});
