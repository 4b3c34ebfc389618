import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { AnsweredRecord, HistoryHeader, SentRecord } from './records.ts';

/** A {@link SentRecord} whose body is JSON text already, so that what is sent is what is recorded. */
export type SentLine = Omit<SentRecord, 'kind' | 'request' | 'body'> & { readonly bodyJson: string };

/**
 * Appends to a history. Each call has handed its line to the operating system when it returns, so the line
 * survives `kill -9` of the harness (not a power cut: nothing is forced to the disk).
 */
export interface HistoryWriter {
  /**
   * Must return before the first byte of the request leaves. Returns the request's number within the run: requests are
   * numbered here, so that several senders can share a history. Throws a ChaosError `E_HISTORY_WRITE`.
   */
  sent(line: SentLine): number;
  /** Throws a ChaosError `E_HISTORY_WRITE`. */
  answered(record: Omit<AnsweredRecord, 'kind'>): void;
  /** Writes the last line and closes the file; does nothing the second time. Where a line is missing, the last one is left out too. */
  close(): void;
}

/**
 * Starts a new history.
 *
 * @throws ChaosError `E_HISTORY_WRITE` when the file exists already or cannot be written, for example on a full disk
 */
export function openHistoryWriter(
  path: string,
  header: Omit<HistoryHeader, 'kind' | 'version'>,
): HistoryWriter {
  const file = openNew(path);
  let requests = 0;
  let open = true;
  let whole = true;
  const append = (line: string) => {
    try {
      appendLine(file, path, line);
    } catch (error) {
      whole = false;
      throw error;
    }
  };
  append(JSON.stringify({ kind: 'header', version: 1, ...header }));
  return {
    sent: ({ bodyJson, ...rest }) => {
      const start = JSON.stringify({ kind: 'sent', request: requests, ...rest });
      append(`${start.slice(0, -1)},"body":${bodyJson}}`);
      requests += 1;
      return requests - 1;
    },
    answered: (record) => append(JSON.stringify({ kind: 'answered', ...record })),
    close: () => {
      if (!open) return;
      open = false;
      try {
        if (whole) append(JSON.stringify({ kind: 'closed', requests }));
      } finally {
        closeSync(file);
      }
    },
  };
}

function openNew(path: string): number {
  try {
    return openSync(path, 'ax');
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** A line that fits only in part is taken back, so that what is written later does not follow half a line. */
function appendLine(file: number, path: string, line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written);
  } catch (cause) {
    if (written > 0) ftruncateSync(file, fstatSync(file).size - written);
    throw writeError(path, cause);
  }
}

function writeError(path: string, cause: unknown): ChaosError {
  return new ChaosError({
    code: 'E_HISTORY_WRITE',
    happened: `The history ${path} could not be written: ${messageOf(cause)}.`,
    expected: 'every request to be in the history before it is sent, so none is sent from here on',
    remedy: 'make room on that disk or choose another folder, then run again.',
    cause,
  });
}
