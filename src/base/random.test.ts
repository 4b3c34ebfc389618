import { expect, test } from 'vitest';
import { createRandom } from './random.ts';

test('the same seed gives the same stream, another seed another one', () => {
  const draw = (seed: string) => {
    const random = createRandom(seed);
    return [random.int(0, 1000), random.float(), random.hex(12), random.pick(['a', 'b', 'c'])];
  };
  expect(draw('42')).toEqual(draw('42'));
  expect(draw('42')).not.toEqual(draw('43'));
});

test('a fork does not depend on how much was drawn from its parent', () => {
  const fresh = createRandom('7').fork('traffic').hex(16);
  const used = createRandom('7');
  used.int(0, 10);
  expect(used.fork('traffic').hex(16)).toBe(fresh);
  expect(used.fork('faults').hex(16)).not.toBe(fresh);
});

test('numbers keep to their bounds', () => {
  const random = createRandom('bounds');
  const drawn = Array.from({ length: 2000 }, () => random.int(-2, 2));
  expect(new Set(drawn)).toEqual(new Set([-2, -1, 0, 1, 2]));
  expect(random.hex(7)).toMatch(/^[0-9a-f]{7}$/);
  expect(() => random.pick([])).toThrow(RangeError);
});
