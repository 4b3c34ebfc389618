/**
 * The watchdog: a small process beside every run, which undoes the run's faults when the harness is killed or hangs, and removes
 * the stack that a dead harness left. Its output is `watchdog.log` in the run folder.
 *
 *     node main.ts <run folder> <pid of the harness> <its start time>
 */
import { systemClock } from '../../base/clock.ts';
import { processState } from '../../stack/processes.ts';
import { LEASE_SECONDS } from './lease.ts';
import { cleanUpAfter, takeLease } from './rescue.ts';
import { watch } from './watch.ts';

const [folder = '', pid, startTime = ''] = process.argv.slice(2);
const harness = { pid: Number(pid), startTime };

// A log that can't be written, as on a full disk, is no reason to leave the faults in place.
for (const log of [process.stdout, process.stderr]) log.on('error', () => {});

const how = await watch({
  input: process.stdin,
  isHarnessAlive: () => processState(harness) !== 'exited',
  leaseMs: LEASE_SECONDS * 1000,
  clock: systemClock,
  onLapse: () => takeLease(folder),
});
if (how === 'died') await cleanUpAfter(folder, harness);
// Connections that are kept open must not keep it.
process.exit();
