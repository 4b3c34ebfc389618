import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { BoundFault } from '../faults/catalogue.ts';
import type { FaultJournal } from '../faults/lifecycle.ts';
import type { FaultSpec } from '../scenario/scenario.ts';

/** A line of the journal. */
type JournalLine =
  | {
      readonly kind: 'injecting';
      readonly entry: number;
      readonly stackFolder: string;
      readonly fault: FaultSpec;
    }
  | { readonly kind: 'undone'; readonly entry: number };

/** A fault that was injected and not undone, with the stack that it sits in. */
export interface OpenFault {
  readonly entry: number;
  readonly stackFolder: string;
  readonly fault: FaultSpec;
}

/**
 * The journal of a run's faults: each is on disk before it is injected and struck out after it is undone, so
 * that `undo` knows what to undo after a `kill -9`.
 */
export class Journal implements FaultJournal, Disposable {
  readonly #file: number;
  readonly #stackFolder: string;
  #entries = 0;

  constructor(path: string, stackFolder: string) {
    this.#file = openSync(path, 'a');
    this.#stackFolder = stackFolder;
  }

  injecting(fault: BoundFault): number {
    const entry = this.#entries++;
    this.#write({ kind: 'injecting', entry, stackFolder: this.#stackFolder, fault: fault.spec });
    return entry;
  }

  undone(entry: number): void {
    this.#write({ kind: 'undone', entry });
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #write(line: JournalLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#file);
  }
}

/** The faults that a journal file holds and that were not undone; a torn last line is one that never was injected. */
export function openFaults(path: string): OpenFault[] {
  if (!existsSync(path)) return [];
  const open = new Map<number, OpenFault>();
  for (const text of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const line = JSON.parse(text) as JournalLine;
    if (line.kind === 'injecting') open.set(line.entry, line);
    else open.delete(line.entry);
  }
  return [...open.values()].map(({ entry, stackFolder, fault }) => ({ entry, stackFolder, fault }));
}

/** Strikes an entry out of a journal that another process wrote. */
export function strikeOut(path: string, entry: number): void {
  const file = openSync(path, 'a');
  try {
    writeSync(file, `${JSON.stringify({ kind: 'undone', entry } satisfies JournalLine)}\n`);
  } finally {
    closeSync(file);
  }
}
