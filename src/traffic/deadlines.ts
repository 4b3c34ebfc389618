import type { Clock } from '../base/clock.ts';

/** Why a request was given up. */
class TimedOut extends Error {
  readonly code = 'TIMEOUT';
  constructor(ms: number) {
    super(`no whole answer within ${ms / 1000} s`);
  }
}

/** One timer for all requests: they all have the same time to live, so the oldest is always the next that is due. */
export function watchDeadlines(timeoutMs: number, clock: Clock) {
  const open = new Map<AbortController, number>();
  const done = new AbortController();
  const watch = async () => {
    while (!done.signal.aborted) {
      const [oldest] = open;
      const wait = oldest ? oldest[1] - clock.now() : timeoutMs;
      if (oldest && wait <= 0) {
        open.delete(oldest[0]);
        oldest[0].abort(new TimedOut(timeoutMs));
      } else {
        await clock.sleep(wait, done.signal).catch(() => undefined);
      }
    }
  };
  void watch();
  return {
    add: () => {
      const controller = new AbortController();
      open.set(controller, clock.now() + timeoutMs);
      return controller;
    },
    delete: (controller: AbortController) => open.delete(controller),
    close: () => done.abort(),
  };
}
