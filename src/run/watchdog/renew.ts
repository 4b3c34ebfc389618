import type { Clock } from '../../base/clock.ts';
import { noteLeaseLost, openFaults } from '../journal.ts';
import { LEASE_SECONDS } from './lease.ts';

/**
 * What the harness does with every heartbeat: it renews the lease, and writes down when that came too late for the faults that are open,
 * since a machine that was suspended may wake this process before the watchdog.
 *
 * @param beat tells the watchdog
 * @returns to be called once a heartbeat; never throws
 */
export function renewer(journalFile: string, clock: Clock, beat: () => void): () => void {
  let renewedAt = clock.now();
  let lostAt: number | undefined;
  return () => {
    const now = clock.now();
    try {
      if (now - renewedAt > LEASE_SECONDS * 1000 && openFaults(journalFile).length > 0) lostAt ??= now;
      renewedAt = now;
      if (lostAt !== undefined) noteLeaseLost(journalFile, 'harness', lostAt);
      lostAt = undefined;
    } catch {
      // As on a full disk; once more with the next heartbeat.
    }
    beat();
  };
}
