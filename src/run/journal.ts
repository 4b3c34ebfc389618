import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { BoundFault } from '../faults/catalogue.ts';
import type { FaultJournal } from '../faults/lifecycle.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import type { StackSpec } from '../stack/spec.ts';
import { LEASE_SECONDS } from './watchdog/lease.ts';

/** Who undid a fault, or saw that a lease had lapsed. */
type Who = 'harness' | 'watchdog' | 'undo';

/** A line of the journal. */
type JournalLine =
  | {
      readonly kind: 'injecting';
      readonly entry: number;
      readonly stackFolder: string;
      /** Absent in the journals of earlier versions. */
      readonly stackKind?: StackSpec['kind'];
      readonly fault: FaultSpec;
      /** Seconds after the last renewal at which the watchdog undoes it. */
      readonly lease: number;
    }
  | { readonly kind: 'undone'; readonly entry: number; readonly by: Who }
  /** From here on the faults that were open are not sure to be on. */
  | { readonly kind: 'lease-lost'; readonly by: Who; readonly at: string };

/** A fault that was injected and not undone, with the stack that it sits in. */
export interface OpenFault {
  readonly entry: number;
  readonly stackFolder: string;
  readonly stackKind?: StackSpec['kind'];
  readonly fault: FaultSpec;
}

/**
 * The journal of a run's faults: each is on disk before it is injected and struck out after it is undone, so
 * that the watchdog and `undo` know what to undo after a `kill -9`. Others may write to it at the same time: each write adds whole lines.
 */
export class Journal implements FaultJournal {
  readonly #path: string;
  readonly #stackFolder: string;
  readonly #stackKind: StackSpec['kind'];
  #entries = 0;

  constructor(path: string, stackFolder: string, stackKind: StackSpec['kind'] = 'embedded') {
    this.#path = path;
    this.#stackFolder = stackFolder;
    this.#stackKind = stackKind;
  }

  injecting(fault: BoundFault): number {
    const entry = this.#entries++;
    const { spec } = fault;
    append(this.#path, {
      kind: 'injecting',
      entry,
      stackFolder: this.#stackFolder,
      stackKind: this.#stackKind,
      fault: spec,
      lease: LEASE_SECONDS,
    });
    return entry;
  }

  undone(entry: number): void {
    strikeOut(this.#path, entry, 'harness');
  }
}

/** The faults that a journal file holds and that were not undone. */
export function openFaults(path: string): OpenFault[] {
  const open = new Map<number, OpenFault>();
  for (const line of linesOf(path)) {
    if (line.kind === 'injecting') open.set(line.entry, line);
    else if (line.kind === 'undone') open.delete(line.entry);
  }
  return [...open.values()].map(({ entry, stackFolder, stackKind, fault }) => ({
    ...{ entry, stackFolder, fault },
    ...(stackKind ? { stackKind } : {}),
  }));
}

/** Strikes an entry out; doing it twice is the same as doing it once. */
export function strikeOut(path: string, entry: number, by: Who): void {
  append(path, { kind: 'undone', entry, by });
}

/** Writes down that the lease of the faults that are open has lapsed. */
export function noteLeaseLost(path: string, by: Who, now: number): void {
  append(path, { kind: 'lease-lost', by, at: new Date(now).toISOString() });
}

/** When the lease of an open fault lapsed first, and who saw it; undefined if never. */
export function leaseLost(path: string): { readonly by: Who; readonly at: string } | undefined {
  return linesOf(path).find((line) => line.kind === 'lease-lost');
}

/**
 * The lines that can be read. One that can't was torn by a kill in the middle of its write: what it was to announce was not
 * done yet, and what it was to strike out is done once more.
 */
function linesOf(path: string): JournalLine[] {
  if (!existsSync(path)) return [];
  const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return whole.flatMap((text) => {
    try {
      return JSON.parse(text) as JournalLine;
    } catch {
      return [];
    }
  });
}

/**
 * Adds a line with one write and waits until it is on the disk. A torn line before it is ended first, so that it does not take
 * this one with it.
 */
function append(path: string, line: JournalLine): void {
  try {
    const file = openSync(path, 'a+');
    try {
      const text = Buffer.from(`${endsTorn(file) ? '\n' : ''}${JSON.stringify(line)}\n`);
      if (writeSync(file, text) < text.length) throw new Error('the disk is full');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new ChaosError({
      code: 'E_JOURNAL',
      happened: `The journal of faults ${path} can't be written: ${messageOf(error)}.`,
      expected: 'a journal on disk before a fault is injected, so that it can be undone after a kill',
      remedy: 'make room or mend the folder, then run `langfuse-chaos undo` and the run again.',
      cause: error,
    });
  }
}

function endsTorn(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() !== '\n';
}
