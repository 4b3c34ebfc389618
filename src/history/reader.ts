import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { ChaosError, messageOf } from '../base/errors.ts';
import { readLines } from '../base/read-lines.ts';
import type { HistoryHeader, HistoryRecord } from './records.ts';

const NEWLINE = 10;

const lineSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('header'),
    version: z.number(),
    run: z.string(),
    seed: z.string(),
    projectId: z.string(),
  }),
  z.object({
    kind: z.literal('sent'),
    request: z.int(),
    at: z.number(),
    path: z.string(),
    body: z.unknown(),
  }),
  z.object({
    kind: z.literal('answered'),
    request: z.int(),
    at: z.number(),
    status: z.int().optional(),
    body: z.unknown().optional(),
    allAcknowledged: z.literal(true).optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
  z.object({ kind: z.literal('closed'), requests: z.int() }),
]);

/** A stored history. */
export interface History {
  readonly header: HistoryHeader;
  /** True when the last line was cut off, as by a `kill -9` or a full disk in the middle of a write; it is left out. */
  readonly torn: boolean;
  /** True when the history was ended in order: its last line says so. */
  readonly closed: boolean;
  /**
   * The records after the header, in the order they were written, read as they are asked for: memory stays at
   * a few megabytes whatever the length. Each call reads the file anew.
   *
   * Throws a ChaosError `E_HISTORY_CORRUPT`, with the number of the line, for anything that is no record.
   */
  records(): Iterable<HistoryRecord>;
}

/**
 * Opens a history.
 *
 * @throws ChaosError `E_HISTORY_MISSING`, `E_HISTORY_CORRUPT` or `E_HISTORY_VERSION`
 */
export function openHistory(path: string): History {
  const { torn, lastLine } = readTail(path);
  return {
    header: readHeader(path),
    torn,
    closed: !torn && lastLine.startsWith('{"kind":"closed"'),
    records: () => recordsOf(path),
  };
}

function* recordsOf(path: string): Generator<HistoryRecord> {
  let number = 0;
  let requests = 0;
  let closed = false;
  for (const line of readLines(path)) {
    number += 1;
    if (number === 1) continue;
    if (closed) throw corrupt(path, number, 'it follows the closing line');
    const record = parseLine(path, number, line);
    if (record.kind === 'header') throw corrupt(path, number, 'a second header');
    if (record.kind === 'sent') {
      if (record.request !== requests) {
        throw corrupt(path, number, `request ${record.request} where request ${requests} was due`);
      }
      requests += 1;
    }
    if (record.kind === 'answered' && !(record.request >= 0 && record.request < requests)) {
      throw corrupt(path, number, `the answer to request ${record.request}, which was never sent`);
    }
    if (record.kind === 'closed') {
      closed = true;
      if (record.requests !== requests) {
        throw corrupt(path, number, `it says ${record.requests} requests, the file holds ${requests}`);
      }
    }
    yield record;
  }
}

function readHeader(path: string): HistoryHeader {
  for (const line of readLines(path)) return parseHeader(path, line);
  throw corrupt(path, 1, 'it holds no whole line');
}

function parseHeader(path: string, line: string): HistoryHeader {
  const raw = parseJson(path, 1, line) as { kind?: unknown; version?: unknown } | null;
  if (raw?.kind === 'header' && raw.version !== 1) {
    throw new ChaosError({
      code: 'E_HISTORY_VERSION',
      happened: `The history ${path} has version ${JSON.stringify(raw.version)} of the format.`,
      expected: 'version 1',
      remedy: 'read it with the version of langfuse-chaos that wrote it.',
    });
  }
  const record = parseLine(path, 1, line);
  if (record.kind !== 'header') throw corrupt(path, 1, 'it is not a header');
  return record;
}

function parseLine(path: string, number: number, line: string): HistoryRecord {
  const parsed = lineSchema.safeParse(parseJson(path, number, line));
  if (!parsed.success) throw corrupt(path, number, 'it is JSON, but no record of a history');
  return parsed.data as HistoryRecord;
}

function parseJson(path: string, number: number, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw corrupt(path, number, messageOf(error));
  }
}

/** The end of the file: whether its last line is whole, and that line (its last 4 KiB; a closing line is far shorter). */
function readTail(path: string): { torn: boolean; lastLine: string } {
  const file = openForReading(path);
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, 4096));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const torn = tail.at(-1) !== NEWLINE;
    const text = tail.toString('utf8').trimEnd();
    return { torn, lastLine: text.slice(text.lastIndexOf('\n') + 1) };
  } finally {
    closeSync(file);
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new ChaosError({
      code: 'E_HISTORY_MISSING',
      happened: `The history ${path} could not be opened: ${messageOf(cause)}.`,
      remedy: 'give the folder of a run that has sent traffic.',
      cause,
    });
  }
}

function corrupt(path: string, line: number | undefined, why: string): ChaosError {
  return new ChaosError({
    code: 'E_HISTORY_CORRUPT',
    happened: `${line === undefined ? '' : `Line ${line} of `}${path} cannot be read: ${why}.`,
    expected: 'a history as langfuse-chaos writes it; only its last line may be cut off',
    remedy: 'look whether the file was edited or damaged; its run cannot be judged from it.',
  });
}
