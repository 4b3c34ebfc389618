import { expect, test } from 'vitest';
import { parseSide } from './side.ts';

test('a side is one stack', () => {
  expect(parseSide(['embedded:safe'], '--to')).toEqual({
    kind: 'stack',
    spec: { kind: 'embedded', pipeline: 'safe' },
  });
  expect(() => parseSide(['embedded', 'docker'], '--to')).toThrow('--to embedded docker is more than one');
  expect(() => parseSide(['run:latest', 'docker'], '--to')).toThrow('is more than one');
  expect(() => parseSide(['nonsense'], '--to')).toThrow('names no stack');
});

test('or stored runs that are there', () => {
  expect(() => parseSide(['run:/nowhere/at-all'], '--from')).toThrow(
    'There is no run folder /nowhere/at-all',
  );
});
