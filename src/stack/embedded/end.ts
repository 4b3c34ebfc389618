import { basename } from 'node:path';
import { waitUntil } from '../../base/wait-until.ts';
import { type ProcessIdentity, processState, sendSignal, stackProcesses } from '../processes.ts';
import { freeSharedMemory } from './parts/postgres-rests.ts';
import type { StackState } from './state.ts';

const LOOK_INTERVAL_MS = 10;
/** Time for Postgres to give its shared memory back; SIGKILL would leave it for ever. */
const POSTGRES_GRACE_MS = 1000;
const KILL_TIMEOUT_MS = 10_000;

/**
 * Ends every process of a stack whose parts are processes of this machine.
 *
 * @param state undefined when it was removed in part: its processes are then known by their environment alone
 * @throws ChaosError `E_TIMEOUT` when a process cannot be killed
 */
export async function endProcesses(folder: string, state: StackState | undefined): Promise<void> {
  const id = basename(folder);
  const components = state?.components ?? {};
  const recorded = Object.values(components).flatMap(({ process }) => process ?? []);
  const ended = new Set(recorded.map(({ pid }) => pid));

  const postgres = components.postgres?.process;
  if (postgres) await endPostgres(postgres);
  await waitUntil(
    `the processes of stack ${id} to end`,
    () => {
      const processes = stackProcesses(id, folder, recorded);
      for (const one of processes) {
        sendSignal(one, 'SIGKILL');
        ended.add(one.pid);
      }
      return processes.length === 0;
    },
    {
      timeoutMs: KILL_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      remedy: `end those with ${id} in their environment, then run \`langfuse-chaos down\`.`,
    },
  );
  freeSharedMemory([...ended]);
}

async function endPostgres(identity: ProcessIdentity): Promise<void> {
  sendSignal(identity, 'SIGQUIT'); // "immediate": no checkpoint
  sendSignal(identity, 'SIGCONT'); // in case it is paused
  await waitUntil('Postgres to end', () => processState(identity) === 'exited', {
    timeoutMs: POSTGRES_GRACE_MS,
    intervalMs: LOOK_INTERVAL_MS,
  }).catch(() => {});
}
