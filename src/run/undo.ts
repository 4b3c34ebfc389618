import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { bindFault } from '../faults/catalogue.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import { attachEmbeddedStack } from '../stack/embedded/attach.ts';
import { listStacks } from '../stack/embedded/remove.ts';
import { openFaults, strikeOut } from './journal.ts';
import { RunFolder, reportsFolder } from './run-folder.ts';

/** What became of one fault that a journal still held. */
export interface Undone {
  readonly fault: FaultSpec;
  /** In words; `undone` is true unless it is still there. */
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
    const journal = new RunFolder(join(root, name)).journalFile;
    for (const { entry, stackFolder, fault } of openFaults(journal)) {
      if (inUse.has(stackFolder)) {
        results.push({ fault, result: 'left alone: its run is still going on', undone: true });
        continue;
      }
      try {
        const there = existsSync(stackFolder);
        if (there) await bindFault(fault).recover(await attachEmbeddedStack(stackFolder));
        strikeOut(journal, entry);
        results.push({ fault, result: there ? 'undone' : 'gone with its stack', undone: true });
      } catch (error) {
        results.push({ fault, result: `still there: ${messageOf(error)}`, undone: false });
      }
    }
  }
  return results;
}
