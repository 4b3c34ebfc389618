import { expect, test } from 'vitest';
import { errorsOf } from './thrown.ts';

const failing = (text: string): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    throw new Error(text);
  },
});

test('what ended the work is the first error, then what could not be let go of, from the inside out', async () => {
  const work = async () => {
    await using _outer = failing('outer');
    await using _inner = failing('inner');
    throw new RangeError('work');
  };
  const thrown = await work().catch((error: unknown) => error);
  expect(errorsOf(thrown).map(String)).toEqual(['RangeError: work', 'Error: inner', 'Error: outer']);
  expect(errorsOf('text')).toEqual(['text']);
});
