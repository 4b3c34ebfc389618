import { expect, test } from 'vitest';
import { rewrite } from './rewrite.ts';

const entry = (key: string) =>
  `<Contents><Key>${key}</Key><Owner><ID>me</ID></Owner><Size>3</Size></Contents>`;
const list = (...keys: string[]) =>
  Buffer.from(
    `<?xml version="1.0"?>\n<ListBucketResult><Name>b</Name><KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>${keys.map(entry).join('')}</ListBucketResult>`,
  );
const text = (result: { body: Buffer } | undefined) => result?.body.toString();

test('a list lacks its last keys, or all, and its count fits', () => {
  const full = list('a', 'b', 'c');
  expect(text(rewrite({ kind: 'cut-list', drop: 1 }, full))).toBe(list('a', 'b').toString());
  expect(text(rewrite({ kind: 'cut-list', drop: 9 }, full))).toBe(list().toString());
  const all = rewrite({ kind: 'cut-list', drop: 'all' }, full);
  expect(text(all)).toBe(list().toString());
  expect(all?.did).toBe('left 3 of 3 keys out of the list');
});

test('where there is nothing to change, nothing was done', () => {
  expect(rewrite({ kind: 'cut-list', drop: 'all' }, list())).toBeUndefined();
  expect(rewrite({ kind: 'corrupt', how: 'cut' }, Buffer.alloc(0))).toBeUndefined();
});

test('an object is cut in its middle, or has bytes turned over there and keeps its length', () => {
  const json = Buffer.from(JSON.stringify([{ id: 'one', body: { input: 'a long text in the middle' } }]));
  const cut = rewrite({ kind: 'corrupt', how: 'cut' }, json);
  expect(text(cut)).toBe(json.subarray(0, json.length / 2).toString());
  const flipped = rewrite({ kind: 'corrupt', how: 'flip' }, json)?.body ?? Buffer.alloc(0);
  expect(flipped).toHaveLength(json.length);
  expect([...flipped].filter((byte, index) => byte !== json[index])).toHaveLength(16);
  expect(json.toString()).toContain('a long text in the middle');
});

test('an answer breaks off into another text', () => {
  const action = { kind: 'break-off', after: 3, text: 'Code: 241.', complete: true } as const;
  expect(text(rewrite(action, Buffer.from('{"id":1}')))).toBe('{"iCode: 241.');
  expect(text(rewrite(action, Buffer.alloc(0)))).toBe('Code: 241.');
});
