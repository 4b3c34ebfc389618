import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import { listStacks } from '../stack/remove.ts';
import { lockFile } from './file-lock.ts';
import { type OpenFault, openFaults, strikeOut } from './journal.ts';
import { RunFolder, reportsFolder } from './run-folder.ts';

/** Milliseconds that undoing one fault may take; starting a process again is the longest. */
const UNDO_TIMEOUT_MS = 30_000;

/** What became of one fault that a journal still held. */
export interface Undone {
  readonly fault: FaultSpec;
  /** In words; `undone` is true unless it is still there, or still in the journal. */
  readonly result: string;
  readonly undone: boolean;
}

/**
 * Undoes every fault that any run's journal still holds, and strikes it out. The faults of a run that is still going
 * on are left to it: it would be judged as if they had lasted. One that can't be undone does not keep the others in.
 */
export async function undoOpenFaults(): Promise<Undone[]> {
  const results: Undone[] = [];
  const root = reportsFolder();
  if (!existsSync(root)) return results;
  const inUse = new Set(
    (await listStacks()).filter((stack) => stack.ownerAlive).map((stack) => stack.folder),
  );
  // `latest` is a link to one of the others.
  const runs = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of runs) {
    const folder = new RunFolder(join(root, name));
    const open = openFaults(folder.journalFile);
    const left = open.filter(({ stackFolder }) => inUse.has(stackFolder));
    results.push(
      ...left.map(({ fault }) => ({
        fault,
        result: 'left alone: its run is still going on',
        undone: true,
      })),
    );
    if (open.length > left.length) results.push(...(await undoFaultsOf(folder, 'undo', inUse)));
  }
  return results;
}

/**
 * Undoes the faults that a run's journal holds and strikes them out; of several processes that do it, one after the other.
 *
 * @param spared folders of stacks whose faults are left alone
 */
export async function undoFaultsOf(
  { journalFile, journalLock }: RunFolder,
  by: 'undo' | 'watchdog',
  spared: ReadonlySet<string> = new Set(),
): Promise<Undone[]> {
  if (openFaults(journalFile).length === 0) return [];
  using _lock = await lockIfWritable(journalLock);
  const results: Undone[] = [];
  for (const open of openFaults(journalFile)) {
    if (spared.has(open.stackFolder)) continue;
    let outcome = await undoOne(open);
    try {
      if (outcome.undone) strikeOut(journalFile, open.entry, by);
    } catch (error) {
      outcome = { result: `${outcome.result}, but still in the journal: ${messageOf(error)}`, undone: false };
    }
    results.push({ fault: open.fault, ...outcome });
  }
  return results;
}

/** Where no lock can be written, as on a full disk, there is none: better undone by two at once than by nobody. */
async function lockIfWritable(path: string): Promise<Disposable | undefined> {
  try {
    return await lockFile(path);
  } catch (error) {
    if (error instanceof ChaosError) throw error;
    return undefined;
  }
}

async function undoOne({
  stackFolder,
  stackKind,
  fault,
}: OpenFault): Promise<Pick<Undone, 'result' | 'undone'>> {
  // The folder of an external target is removed only after every fault in it was undone; the target goes on.
  const result =
    stackKind === 'external' ? 'undone already: the target was put back as it was' : 'gone with its stack';
  const gone = { result, undone: true };
  if (!existsSync(stackFolder)) return gone;
  try {
    await withinTime(recover(stackFolder, fault));
    return { result: 'undone', undone: true };
  } catch (error) {
    // It may have been removed meanwhile, by `down` or by the next run.
    if (!existsSync(stackFolder)) return gone;
    return { result: `still there: ${messageOf(error)}`, undone: false };
  }
}

/** Faults and stack are loaded only here: the watchdog, which hardly ever comes here, stays small and quick. */
async function recover(stackFolder: string, fault: FaultSpec): Promise<void> {
  const { bindFault } = await import('../faults/catalogue.ts');
  const { attachStack } = await import('../stack/stacks.ts');
  await bindFault(fault).recover(await attachStack(stackFolder));
}

/** A part of the stack that is paused would keep whoever asks it waiting for ever. */
async function withinTime(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${UNDO_TIMEOUT_MS / 1000} s`)),
    UNDO_TIMEOUT_MS,
  );
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
