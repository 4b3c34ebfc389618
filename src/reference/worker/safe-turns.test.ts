import { expect, test } from 'vitest';
import { Turns } from './safe-turns.ts';

function setUp() {
  const runs: { finish: (value: string) => void; fail: (error: Error) => void }[] = [];
  const turns = new Turns<string>();
  const take = (key = 'a') =>
    turns.take(
      key,
      () => new Promise<string>((resolve, reject) => runs.push({ finish: resolve, fail: reject })),
    );
  return { runs, take };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('those that come while a run is under way share the next one', async () => {
  const { runs, take } = setUp();
  const first = take();
  const later = [take(), take(), take()];
  await settle();
  expect(runs).toHaveLength(1);
  runs[0]?.finish('first');
  await settle();
  expect(runs).toHaveLength(2);
  runs[1]?.finish('second');
  expect(await first).toBe('first');
  expect(await Promise.all(later)).toEqual(['second', 'second', 'second']);
});

test('a run that fails does not keep the next from beginning', async () => {
  const { runs, take } = setUp();
  const first = take();
  const second = take();
  runs[0]?.fail(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  await settle();
  runs[1]?.finish('fine');
  expect(await second).toBe('fine');
});

test('other keys have turns of their own', async () => {
  const { runs, take } = setUp();
  void take('a');
  void take('b');
  expect(runs).toHaveLength(2);
});
