import { expect, test } from 'vitest';
import { statementsOf } from './clickhouse-migrations.ts';

test('a script is cut at its semicolons; comments and white space are no statements', () => {
  expect(
    statementsOf('-- first\nCREATE TABLE a (x Int8);\n\nDROP TABLE b;\n-- the end\n/* really */\n'),
  ).toEqual(['-- first\nCREATE TABLE a (x Int8)', 'DROP TABLE b']);
});
