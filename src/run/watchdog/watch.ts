import type { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { BEAT, END } from './lease.ts';

/** What {@link watch} looks at, and what it does. */
export interface WatchOptions {
  /** The pipe from the harness; the system closes it when the harness dies, however it dies. */
  readonly input: Readable;
  readonly isHarnessAlive: () => boolean;
  readonly leaseMs: number;
  readonly clock: Clock;
  /** Undoes the faults that are open. Called again and again until the lease is renewed, never twice at the same time. */
  readonly onLapse: () => Promise<void>;
}

/** Milliseconds between two looks. */
const LOOK_MS = 100;

/**
 * Watches a harness until it says that its run is over (`ended`) or is dead (`died`). Time is that of the wall: a machine that was
 * suspended for longer than the lease has lost it.
 */
export async function watch(options: WatchOptions): Promise<'ended' | 'died'> {
  const { input, isHarnessAlive, leaseMs, clock, onLapse } = options;
  const over = Promise.withResolvers<'ended' | 'died'>();
  let renewedAt = clock.now();
  let closed = false;
  let looking: Promise<void> | undefined;

  const look = async () => {
    // The pipe closes a moment before the process is gone.
    if (closed && !isHarnessAlive()) over.resolve('died');
    else if (clock.now() - renewedAt > leaseMs) await onLapse();
  };
  const lookOnce = () => {
    looking ??= look()
      // Whatever it is, the harness has to be watched on.
      .catch((error) => console.error(messageOf(error)))
      .finally(() => {
        looking = undefined;
      });
  };
  let unread = '';
  input.setEncoding('utf8');
  input.on('data', (text: string) => {
    const lines = (unread + text).split('\n');
    unread = lines.pop() ?? '';
    if (lines.includes(BEAT)) renewedAt = clock.now();
    if (lines.includes(END)) over.resolve('ended');
  });
  for (const event of ['end', 'close', 'error']) {
    input.on(event, () => {
      closed = true;
      lookOnce();
    });
  }
  const timer = setInterval(lookOnce, LOOK_MS);
  try {
    return await over.promise;
  } finally {
    clearInterval(timer);
    await looking;
  }
}
