import { systemClock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ProcessIdentity } from '../../stack/processes.ts';
import {
  listStacks,
  removedText,
  removeLeftovers,
  removeStack,
  type StackEntry,
} from '../../stack/remove.ts';
import { stateIn } from '../../stack/state.ts';
import { noteLeaseLost, openFaults } from '../journal.ts';
import { RunFolder } from '../run-folder.ts';
import { undoFaultsOf } from '../undo.ts';

/** Milliseconds before what could not be undone is tried again. */
const AGAIN_MS = 1000;

/**
 * The harness lives and does not renew its lease: undoes the faults that are open, in the stack that goes on. The journal says so
 * before, for the harness to see when it wakes up; where it can't, they are undone all the same.
 */
export async function takeLease(path: string): Promise<void> {
  const folder = new RunFolder(path);
  if (openFaults(folder.journalFile).length === 0) return;
  say('the harness does not renew its lease');
  const lostAt = systemClock.now();
  const noted = note(folder, lostAt);
  const undone = await undo(folder);
  if (!noted) note(folder, lostAt);
  if (!undone) await systemClock.sleep(AGAIN_MS);
}

/** @returns whether it could be written */
function note({ journalFile }: RunFolder, lostAt: number): boolean {
  try {
    noteLeaseLost(journalFile, 'watchdog', lostAt);
    return true;
  } catch (error) {
    say(messageOf(error));
    return false;
  }
}

/**
 * The harness is dead. Its stack goes first, and every fault with it: to undo them one by one before would only start processes that are
 * ended right after. A stack that was detached stays, without its faults. What others left comes last: one that can't be
 * removed ends that at once.
 */
export async function cleanUpAfter(path: string, harness: ProcessIdentity): Promise<void> {
  say(`the harness (process ${harness.pid}) is dead`);
  await sayRemoved(removeStacksOf(harness));
  await undo(new RunFolder(path));
  await sayRemoved(removeLeftovers());
}

/** Never throws: what can't be removed keeps nothing else from being done. */
async function sayRemoved(removal: Promise<StackEntry[]>): Promise<void> {
  try {
    for (const entry of await removal) say(removedText(entry));
  } catch (error) {
    say(`a stack could not be removed: ${messageOf(error)}`);
  }
}

/** @returns those removed; one that can't be is a leftover like any other, and tried once more */
async function removeStacksOf(harness: ProcessIdentity): Promise<StackEntry[]> {
  const own = (await listStacks()).filter(({ folder, detached }) => {
    const owner = stateIn(folder)?.owner;
    return !detached && owner?.pid === harness.pid && owner.startTime === harness.startTime;
  });
  const removals = await Promise.allSettled(
    own.map(async (entry) => {
      await removeStack(entry.folder);
      return entry;
    }),
  );
  return removals.flatMap((removal) => (removal.status === 'fulfilled' ? removal.value : []));
}

/** @returns whether nothing is left */
async function undo(folder: RunFolder): Promise<boolean> {
  try {
    const results = await undoFaultsOf(folder, 'watchdog');
    for (const { fault, result } of results) say(`${fault.name} on ${fault.on}: ${result}`);
    return results.every(({ undone }) => undone);
  } catch (error) {
    say(`the faults could not be undone: ${messageOf(error)}`);
    return false;
  }
}

function say(text: string): void {
  console.log(`${new Date(systemClock.now()).toISOString()} ${text}`);
}
