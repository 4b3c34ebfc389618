import { expect, test } from 'vitest';
import { preamble } from './engine.ts';

const of = (settings: [string, string][], params: [string, string][] = [], database = 'db') =>
  preamble({ database, settings: new Map(settings), params: new Map(params) }, 'TAG');

test('names the database, the settings and the parameters, and marks the query', () => {
  expect(of([['max_threads', '2']], [['a', 'x']])).toBe(
    "USE `db`; SET max_query_size = '262144', max_threads = '2', log_comment = 'TAG ', param_a = 'x'",
  );
  expect(of([['log_comment', 'mine']])).toContain("log_comment = 'TAG mine'");
  expect(of([['max_query_size', '10']])).toContain("max_query_size = '10'");
});

test('nothing breaks out of its quotes', () => {
  expect(of([], [['a', `\\'; DROP TABLE t --`]])).toContain(`param_a = '\\\\\\'; DROP TABLE t --'`);
  expect(of([], [], 'a`b\\')).toMatch(/^USE `a\\`b\\\\`;/);
  expect(() => of([['a = 1, b', '1']])).toThrow('Code: 115.');
  expect(() => of([], [['a = 1, b', '1']])).toThrow('Code: 36.');
});
