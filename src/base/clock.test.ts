import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('an aborted sleep rejects with the reason of the abort', async () => {
  const abort = new AbortController();
  const sleeping = systemClock.sleep(60_000, abort.signal);
  const reason = new Error('interrupted');
  abort.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(systemClock.sleep(60_000, abort.signal)).rejects.toBe(reason);
});
