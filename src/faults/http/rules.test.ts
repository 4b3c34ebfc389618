import { expect, test } from 'vitest';
import { CountedRule, textOf } from '../../stack/embedded/http-proxy/rules.ts';
import type { HttpRule } from '../../stack/http.ts';
import type { Stack } from '../../stack/stack.ts';
import { bindFault } from '../catalogue.ts';

/** The rule that a fault sets. */
async function ruleOf(spec: { name: string; on: string; [parameter: string]: unknown }): Promise<HttpRule> {
  const set: HttpRule[] = [];
  const http = { setRule: async (_link: string, rule: HttpRule) => void set.push(rule) };
  await bindFault(spec).inject({ http } as unknown as Stack);
  const [rule] = set;
  if (!rule) throw new Error('no rule was set');
  return rule;
}

/** The requests that the AWS SDK and @clickhouse/client send. */
const REQUESTS = {
  put: ['worker→s3', 'PUT', '/langfuse/events/p/trace/t/e.json?x-id=PutObject', ''],
  get: ['worker→s3', 'GET', '/langfuse/events/p/trace/t/e.json?x-id=GetObject', ''],
  list: ['worker→s3', 'GET', '/langfuse/?list-type=2&prefix=events%2Fp%2Ftrace%2Ft%2F', ''],
  select: ['worker→clickhouse', 'POST', '/?query_id=1', '\n  SELECT * FROM traces WHERE id = {id: String}'],
  insert: [
    'worker→clickhouse',
    'POST',
    '/?query_id=1&query=INSERT+INTO+traces+FORMAT+JSONEachRow&async_insert=1',
    '{"id":"SELECT"}',
  ],
} as const;

test.each([
  ['s3-slow-down', {}, ['put', 'get', 'list']],
  ['s3-slow-down', { method: 'PUT' }, ['put']],
  ['s3-denied', { text: 'p/trace/t/$' }, ['list']],
  ['s3-list-cut-short', {}, ['list']],
  ['s3-list-cut-short', { key: '/trace/other/' }, []],
  ['s3-object-corrupted', {}, ['get']],
  ['s3-object-gone', { key: 'e\\.json' }, ['get']],
  ['clickhouse-error', {}, ['select', 'insert']],
  ['clickhouse-error', { statements: 'insert' }, ['insert']],
  ['clickhouse-error', { statements: 'select' }, ['select']],
  ['clickhouse-error', { statements: 'insert', text: 'scores' }, []],
  ['clickhouse-breaks-off', {}, ['select']],
  ['http-answer-lost', { text: 'INSERT INTO traces' }, ['insert']],
] as const)('%s with %j is for %j', async (name, parameters, expected) => {
  const on = /^s3/.test(name) ? 'worker→s3' : 'worker→clickhouse';
  const rule = await ruleOf({ name, on, ...parameters });
  const met = Object.entries(REQUESTS).filter(
    ([, [link, method, path, body]]) =>
      link === on &&
      new CountedRule(rule).take({ method, path, text: textOf(link, path, Buffer.from(body)) }),
  );
  expect(met.map(([request]) => request)).toEqual(expected);
});

test.each([
  [241, 500, 'Code: 241. DB::Exception: Memory limit (total) exceeded'],
  [252, 500, 'Code: 252. DB::Exception: Too many parts'],
  [159, 408, 'Code: 159. DB::Exception: Timeout exceeded'],
  [12345, 500, 'Code: 12345. DB::Exception: '],
])('error %i of ClickHouse has status %i and the words of the server', async (code, status, text) => {
  const { action } = await ruleOf({ name: 'clickhouse-error', on: 'worker→clickhouse', code });
  expect(action).toMatchObject({
    kind: 'answer',
    status,
    headers: { 'x-clickhouse-exception-code': String(code) },
    body: expect.stringContaining(text),
  });
});

test('a link that does not fit is refused in words', () => {
  expect(() => bindFault({ name: 's3-denied', on: 'worker→clickhouse' })).toThrow('lead to S3');
  expect(() => bindFault({ name: 'clickhouse-error', on: 'web→s3' })).toThrow('lead to ClickHouse');
  expect(() => bindFault({ name: 'http-answer', on: 'web→redis' })).toThrow('speak HTTP');
  expect(() => bindFault({ name: 'http-answer', on: 'web→s3', path: '(' })).toThrow('regular expression');
  expect(() => bindFault({ name: 'redis-full', on: 'postgres' })).toThrow('redis');
});
