import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { ChaosError, messageOf } from '../base/errors.ts';
import { readLines } from '../base/read-lines.ts';
import type { Checkpoint, StoredRow } from '../checker/input.ts';
import type { CheckpointName } from '../history/run-record.ts';
import type { EntityKey } from '../langfuse/events.ts';

/** A line of a checkpoint's file: rows first, so that what follows can depend on them. */
type Line =
  | { readonly kind: 'checkpoint'; readonly version: 1; readonly name: CheckpointName; readonly at: number }
  | { readonly kind: 'row'; readonly row: StoredRow }
  | { readonly kind: 'job'; readonly job: Checkpoint['jobs'][number] }
  | {
      readonly kind: 's3';
      readonly entity: EntityKey;
      readonly eventIds: readonly string[];
      readonly marks?: readonly number[];
    }
  | { readonly kind: 'end'; readonly failedSet: number; readonly rows: number };

/** Writes one checkpoint. The file has its name only once `end` was called, so there is a whole one or none. */
export class CheckpointWriter implements Disposable {
  readonly #path: string;
  readonly #file: number;
  #rows = 0;

  constructor(path: string, name: CheckpointName, at: number) {
    this.#path = path;
    this.#file = openSync(`${path}.new`, 'w');
    this.#write({ kind: 'checkpoint', version: 1, name, at });
  }

  row(row: StoredRow): void {
    this.#rows += 1;
    this.#write({ kind: 'row', row });
  }

  job(job: Checkpoint['jobs'][number]): void {
    this.#write({ kind: 'job', job });
  }

  s3(entity: EntityKey, eventIds: readonly string[], marks: readonly number[]): void {
    this.#write({ kind: 's3', entity, eventIds, marks });
  }

  end(failedSet: number): void {
    this.#write({ kind: 'end', failedSet, rows: this.#rows });
    renameSync(`${this.#path}.new`, this.#path);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

/**
 * A stored checkpoint. Its rows are read from the file each time they are iterated, so memory stays small.
 *
 * @throws ChaosError `E_RUN_FOLDER` when the file is cut off or not a checkpoint
 */
export function readCheckpoint(path: string): Checkpoint {
  let head: Extract<Line, { kind: 'checkpoint' }> | undefined;
  let end: Extract<Line, { kind: 'end' }> | undefined;
  let rows = 0;
  const jobs: Checkpoint['jobs'][number][] = [];
  const s3: Record<EntityKey, readonly string[]> = {};
  const s3Marks: Record<EntityKey, readonly number[]> = {};
  try {
    for (const text of readLines(path)) {
      if (text.startsWith('{"kind":"row"')) {
        rows += 1;
        continue;
      }
      const line = JSON.parse(text) as Line;
      if (line.kind === 'checkpoint') head = line;
      else if (line.kind === 'job') jobs.push(line.job);
      else if (line.kind === 's3') {
        s3[line.entity] = line.eventIds;
        if (line.marks) s3Marks[line.entity] = line.marks;
      } else if (line.kind === 'end') end = line;
    }
  } catch (error) {
    throw broken(path, messageOf(error));
  }
  if (head?.version !== 1 || end === undefined) throw broken(path, 'its first or last line is missing');
  if (end.rows !== rows) throw broken(path, `it holds ${rows} rows and says ${end.rows}`);
  return {
    name: head.name,
    at: head.at,
    jobs,
    failedSet: end.failedSet,
    s3,
    s3Marks,
    rows: { [Symbol.iterator]: () => rowsOf(path) },
  };
}

function* rowsOf(path: string): Generator<StoredRow> {
  for (const text of readLines(path)) {
    if (!text.startsWith('{"kind":"row"')) continue;
    yield (JSON.parse(text) as Extract<Line, { kind: 'row' }>).row;
  }
}

function broken(path: string, why: string): ChaosError {
  return new ChaosError({
    code: 'E_RUN_FOLDER',
    happened: `The checkpoint ${path} can't be read: ${why}.`,
    expected: 'a whole file as langfuse-chaos wrote it',
    remedy: 'judge another run, or run the scenario again.',
  });
}
