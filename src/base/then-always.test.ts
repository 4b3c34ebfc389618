import { expect, test } from 'vitest';
import { thenAlways } from './then-always.ts';

const works = async () => 1;
const fails = (text: string) => async () => {
  throw new Error(text);
};

test('the last is done after what works and after what fails', async () => {
  let done = 0;
  const last = () => {
    done += 1;
  };
  expect(await thenAlways(works, last)).toBe(1);
  await expect(thenAlways(fails('first'), last)).rejects.toThrow('first');
  expect(done).toBe(2);
});

test('the first error is the one that is thrown', async () => {
  await expect(thenAlways(fails('first'), fails('last'))).rejects.toThrow('first');
  await expect(thenAlways(works, fails('last'))).rejects.toThrow('last');
});
