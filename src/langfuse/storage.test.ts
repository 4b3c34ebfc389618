import { expect, test } from 'vitest';
import { parseEvents, parseKey } from './storage.ts';

test('a key is project, kind, body id and file, with or without a prefix', () => {
  expect(parseKey('p/trace/t1/e1.json', 'p/')).toEqual({ entity: 'trace/t1', file: 'e1.json' });
  expect(parseKey('events/p/score/s/e.json', 'events/p/')).toEqual({ entity: 'score/s', file: 'e.json' });
});

test('what follows the last slash is the file, so an id may hold slashes', () => {
  expect(parseKey('p/observation/a/b/e1.json', 'p/')).toEqual({ entity: 'observation/a/b', file: 'e1.json' });
});

test.each([
  ['of another project', 'q/trace/t/e.json'],
  ['of another kind', 'p/otel/t/e.json'],
  ['without a file', 'p/trace/t/'],
  ['without a body id', 'p/trace/e.json'],
  ['with an empty body id', 'p/trace//e.json'],
  ['of the kind alone', 'p/trace'],
])('a key %s is none of an entity', (_, key) => {
  expect(parseKey(key, 'p/')).toBeUndefined();
});

const event = { id: 'e', timestamp: '2026-01-01T00:00:00.000Z', type: 'trace-create', body: { id: 't' } };

test('an object is a list of events; a single one counts as a list, as it does for the worker', () => {
  expect(parseEvents('k', JSON.stringify([event, event]))).toEqual({ key: 'k', events: [event, event] });
  expect(parseEvents('k', JSON.stringify(event))).toEqual({ key: 'k', events: [event] });
});

test.each([
  ['cut off', '[{"id":'],
  ['a list of something else', '[1]'],
  ['null', 'null'],
  ['of an unknown type', JSON.stringify([{ ...event, type: 'trace-delete' }])],
  ['without a body', JSON.stringify([{ ...event, body: null }])],
])('an object that is %s is corrupt', (_, text) => {
  expect(parseEvents('k', text)).toMatchObject({ key: 'k', problem: 'corrupt' });
});
