import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bindFault } from '../faults/catalogue.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import { attachEmbeddedStack } from '../stack/embedded/attach.ts';
import { openFaults, strikeOut } from './journal.ts';
import { RunFolder, reportsFolder } from './run-folder.ts';

/** What became of one fault that a killed run left. */
export interface Undone {
  readonly fault: FaultSpec;
  readonly result: 'undone' | 'gone with its stack';
}

/** Undoes every fault that any run's journal still holds, and strikes it out. */
export async function undoOpenFaults(): Promise<Undone[]> {
  const undone: Undone[] = [];
  const root = reportsFolder();
  if (!existsSync(root)) return undone;
  // `latest` is a link to one of the others.
  const runs = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of runs) {
    const journal = new RunFolder(join(root, name)).journalFile;
    for (const { entry, stackFolder, fault } of openFaults(journal)) {
      const there = existsSync(stackFolder);
      if (there) await bindFault(fault).recover(await attachEmbeddedStack(stackFolder));
      strikeOut(journal, entry);
      undone.push({ fault, result: there ? 'undone' : 'gone with its stack' });
    }
  }
  return undone;
}
