import { expect, test } from 'vitest';
import { authenticate } from './auth.ts';

const expected = { user: 'langfuse', password: 'a:b' };
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const check =
  (headers: object, search = '', who = expected) =>
  () =>
    authenticate({ ...headers }, new URLSearchParams(search), who);

test('each way of saying who one is', () => {
  expect(check(basic('langfuse:a:b'))).not.toThrow();
  expect(check({ 'x-clickhouse-user': 'langfuse', 'x-clickhouse-key': 'a:b' })).not.toThrow();
  expect(check({}, 'user=langfuse&password=a%3Ab')).not.toThrow();
  expect(check({}, '', { user: 'default', password: '' })).not.toThrow();
  expect(check({ 'x-clickhouse-key': 'p' }, '', { user: 'default', password: 'p' })).not.toThrow();
});

test.each<[string, object, string]>([
  ['nobody', {}, ''],
  ['wrong password', basic('langfuse:a'), ''],
  ['wrong user', basic('default:a:b'), ''],
  ['no colon', basic('langfuse'), ''],
  ['a token', { authorization: 'Bearer a:b' }, ''],
  ['wrong key', { 'x-clickhouse-user': 'langfuse', 'x-clickhouse-key': 'b' }, ''],
  ['wrong in the URL', {}, 'user=langfuse'],
  ['two ways at once', basic('langfuse:a:b'), 'user=langfuse&password=a%3Ab'],
])('%s is refused without naming the password', (_, headers, search) => {
  expect(check(headers, search)).toThrow(/^Code: 516\. DB::Exception: .*\(AUTHENTICATION_FAILED\)$/);
  expect(check(headers, search)).not.toThrow(/a:b/);
});

test('another scheme is no anonymous user', () => {
  expect(check({ authorization: 'Bearer x' }, '', { user: 'default', password: '' })).toThrow('516');
});
