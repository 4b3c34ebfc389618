import { startEmbeddedStack } from '../src/stack/embedded/start.ts';

/** Seconds from nothing to a stack whose every part answers, with everything installed: the median of five starts. The floor is 8. */
export async function benchStackStart(): Promise<number> {
  const seconds: number[] = [];
  for (let start = 0; start < 5; start += 1) {
    const began = performance.now();
    await using _stack = await startEmbeddedStack({});
    seconds.push((performance.now() - began) / 1000);
  }
  return seconds.toSorted((a, b) => a - b)[2] as number;
}
