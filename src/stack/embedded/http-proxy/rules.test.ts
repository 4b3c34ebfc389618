import { expect, test } from 'vitest';
import { type HttpMatch, httpRuleSchema } from '../../http.ts';
import { CountedRule, textOf } from './rules.ts';

const action = { kind: 'lose-answer' } as const;
const seen = { method: 'GET', path: '/langfuse?list-type=2', text: '' };

/** Which of so many equal requests a rule takes, the first being 1. */
function takenOf(match: HttpMatch, requests: number): number[] {
  const rule = new CountedRule({ match, action });
  return Array.from({ length: requests }, (_, index) => index + 1).filter(() => rule.take(seen));
}

test.each<[HttpMatch, number[]]>([
  [{}, [1, 2, 3, 4, 5, 6]],
  [{ nth: 2 }, [2]],
  [{ every: 3 }, [3, 6]],
  [{ limit: 2 }, [1, 2]],
  [{ every: 2, limit: 2 }, [2, 4]],
  [{ method: 'PUT' }, []],
  [{ method: 'GET', path: '[?&]list-type=2' }, [1, 2, 3, 4, 5, 6]],
  [{ path: '^/other' }, []],
])('%j takes of six requests %j', (match, taken) => expect(takenOf(match, 6)).toEqual(taken));

test('only requests that match are counted', () => {
  const rule = new CountedRule({ match: { method: 'PUT', nth: 2 }, action });
  const methods = ['PUT', 'GET', 'PUT', 'PUT'];
  expect(methods.map((method) => rule.take({ ...seen, method }) !== undefined)).toEqual([
    false,
    false,
    true,
    false,
  ]);
});

test('the text is the key of S3, decoded, and the SQL of ClickHouse from URL and body', () => {
  expect(textOf('worker→s3', '/b?list-type=2&prefix=events%2Fp%2Ftrace%2Fa+b%2F', Buffer.alloc(0))).toBe(
    '/b?list-type=2&prefix=events/p/trace/a b/',
  );
  expect(textOf('worker→s3', '/b/50%-done', Buffer.alloc(0))).toBe('/b/50%-done');
  const sql = textOf('worker→clickhouse', '/?query=INSERT+INTO%20traces', Buffer.from('{"id":"a"}'));
  expect(sql).toBe('INSERT INTO traces\n{"id":"a"}');
  const rule = new CountedRule({ match: { text: 'insert into traces\\b' }, action });
  expect(rule.take({ method: 'POST', path: '/', text: sql })).toEqual(action);
});

test('a rule with a pattern that is none is refused', () => {
  expect(httpRuleSchema.safeParse({ match: { path: '(' }, action }).success).toBe(false);
});
