import { expect, test } from 'vitest';
import { folderName, foldersOf } from './s3-keys.ts';

test.each(['plain-id_1', 'a b', 'ä'.repeat(1024)])('an id without anything to mend stays as it is', (id) => {
  expect(folderName(id)).toBe(id);
});

// The names that `safeBlobKeySegment` of Langfuse v4.16.0 gives.
test.each([
  ['a/b', 'a_b_c14cddc033f64b9d'],
  ['a\\b', 'a_b_c62016d0f8ee3333'],
  ['tab\there', 'tab_here_5b8765931ded06ac'],
  ['/', '__8a5edab282632443'],
])('%j has a folder of another name', (id, name) => {
  expect(folderName(id)).toBe(name);
});

test('an id that is too long is cut between two characters', () => {
  const name = folderName('ä'.repeat(1025));
  expect(Buffer.byteLength(name)).toBe(2047);
  expect(name.endsWith('ä_f37ca12ddfbcdee9')).toBe(true);
});

test('an entity may lie in the folder of an older version as well', () => {
  expect(foldersOf('trace/a/b')).toEqual(['trace/a/b', 'trace/a_b_c14cddc033f64b9d']);
  expect(foldersOf('score/s')).toEqual(['score/s']);
});
