import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onlyReads, readStatement } from './statement.ts';

test.each<[sql: string, keyword: string, format: string | undefined]>([
  ['SELECT 1', 'SELECT', undefined],
  ['select 1 format JSONEachRow', 'SELECT', 'JSONEachRow'],
  ['SELECT 1\nFORMAT JSON\n', 'SELECT', 'JSON'],
  ['SELECT 1 FORMAT JSON;', 'SELECT', 'JSON'],
  ['SELECT 1 FORMAT JSON -- done', 'SELECT', 'JSON'],
  ['SELECT 1 FORMAT TSV SETTINGS max_threads = 1', 'SELECT', 'TSV'],
  ['SELECT 1 SETTINGS max_threads = 1 FORMAT CSV', 'SELECT', 'CSV'],
  ['SELECT format FROM t', 'SELECT', undefined],
  ['SELECT format FROM (SELECT 1 AS format)', 'SELECT', undefined],
  [`SELECT 'FORMAT JSON', "FORMAT JSON", \`FORMAT JSON\``, 'SELECT', undefined],
  [`SELECT '\\' FORMAT JSON'`, 'SELECT', undefined],
  ['SELECT 1 /* FORMAT JSON */', 'SELECT', undefined],
  ['/* a */ -- b\n # c\n WITH 1 AS x SELECT x', 'WITH', undefined],
  ['(SELECT 1)', '(', undefined],
  ['INSERT INTO t (a, b) FORMAT JSONEachRow', 'INSERT', 'JSONEachRow'],
  ['INSERT INTO t FORMAT JSONEachRow {"a": "FORMAT CSV; SELECT 2"}', 'INSERT', 'JSONEachRow'],
  [`INSERT INTO t VALUES ('a; b'); x`, 'INSERT', 'Values'],
  ['INSERT INTO t SETTINGS async_insert = 1 FORMAT CSV', 'INSERT', 'CSV'],
  ['', '', undefined],
  ['  -- only a comment', '', undefined],
])('%s', (sql, keyword, format) => {
  const expected = { keyword, severalStatements: false, ...(format ? { format } : {}) };
  expect(readStatement(sql)).toEqual(expected);
});

test('sees a second statement, but not in strings, comments or behind the last semicolon', () => {
  const several = (sql: string) => readStatement(sql).severalStatements;
  expect(several('SELECT 1; SELECT 2')).toBe(true);
  expect(several('SELECT 1;;')).toBe(true);
  expect(several('SELECT 1; -- the end\n')).toBe(false);
  expect(several(`SELECT ';' /* ; */, "a;b", \`c;d\` -- ; x`)).toBe(false);
});

test('takes any text whatever, in linear time', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readStatement(text)));
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("'", '"', '`', '\\', '/*', '*/', '--', '\n', ';', '(', ')', 'FORMAT', ' a')),
      (parts) => void readStatement(parts.join('')),
    ),
  );
  expect(readStatement(`SELECT '${'x'.repeat(5_000_000)}' FORMAT JSON`).format).toBe('JSON');
  expect(readStatement(`SELECT /*${'*'.repeat(5_000_000)}`).keyword).toBe('SELECT');
});

test('knows what only reads', () => {
  expect(onlyReads(readStatement('select 1'))).toBe(true);
  expect(onlyReads(readStatement('SHOW TABLES'))).toBe(true);
  for (const sql of [
    'INSERT INTO t SELECT 1',
    'ALTER TABLE t DELETE WHERE 1',
    'OPTIMIZE TABLE t',
    'DROP TABLE t',
  ]) {
    expect(onlyReads(readStatement(sql)), sql).toBe(false);
  }
});
