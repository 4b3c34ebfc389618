import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeId, folderOf, newName, parseKey } from './safe-keys.ts';

test("a simple id has Langfuse's folder", () => {
  expect(folderOf('events/', 'p', 'trace', 'abc-1')).toBe('events/p/trace/abc-1/');
});

test('no id opens a folder, and none shares one with another', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: 'grapheme', minLength: 1 }),
      (one, other) => {
        expect(encodeId(one)).not.toContain('/');
        expect(['.', '..']).not.toContain(encodeId(one));
        if (one !== other) expect(encodeId(one)).not.toBe(encodeId(other));
      },
    ),
  );
});

test('a key tells its entity, whatever the id', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
      const name = newName();
      expect(parseKey('events/', `${folderOf('events/', 'p', 'score', id)}${name}.json`)).toEqual({
        projectId: 'p',
        kind: 'score',
        entityId: id,
        name,
      });
    }),
  );
});

test.each([
  'other/p/trace/a/n.json',
  'events/p/trace/a/b/n.json',
  'events/p/dataset/a/n.json',
  'events/p/trace/%/n.json',
])('%s is no key of an entity', (key) => expect(parseKey('events/', key)).toBeUndefined());

test('no two names are the same, whatever the event', () => {
  expect(new Set(Array.from({ length: 100 }, newName)).size).toBe(100);
});
