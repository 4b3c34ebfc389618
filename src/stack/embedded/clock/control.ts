import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../../base/wait-until.ts';
import { dataFolderOf } from '../../folder.ts';
import { processTree } from '../../processes.ts';
import type { AppProcess, ClockControl, ClockReading } from '../../stack.ts';
import { readState } from '../state.ts';

/** It looks ten times a second. */
const OBEYS_MS = 1000;

const AT_ITS_OWN: ClockReading = { offsetMs: 0, reads: 0 };

/** Hold of the clocks of a stack's processes, by the files of preload.cjs. */
export function clockControl(folder: string): ClockControl {
  return clocksOf(folder, (process, pid) => {
    const identity = readState(folder).components[process]?.process;
    return identity !== undefined && processTree(identity).some((one) => one.pid === pid);
  });
}

/** @param isIts whether a process has this pid now: one that has ended may have said it; the next one starts with a clock of its own */
export function clocksOf(folder: string, isIts: (process: AppProcess, pid: number) => boolean): ClockControl {
  const fileOf = (process: AppProcess, name: 'wanted' | 'applied') =>
    join(dataFolderOf(folder, process), `clock-${name}.json`);
  const readingOf = (process: AppProcess): ClockReading => {
    const applied = read<ClockReading & { pid: number }>(fileOf(process, 'applied'));
    if (!applied || !isIts(process, applied.pid)) return AT_ITS_OWN;
    return { offsetMs: applied.offsetMs, reads: applied.reads };
  };
  return {
    async setOffset(process, offsetMs) {
      const file = fileOf(process, 'wanted');
      if (offsetMs === 0) rmSync(file, { force: true });
      else {
        writeFileSync(`${file}.new`, JSON.stringify({ offsetMs }));
        renameSync(`${file}.new`, file);
      }
      // One that does not run, or stands still, does it when it can.
      await waitUntil(`the clock of ${process} to be set`, () => readingOf(process).offsetMs === offsetMs, {
        timeoutMs: OBEYS_MS,
      }).catch(() => {});
    },
    wantedOf: async (process) => read<{ offsetMs: number }>(fileOf(process, 'wanted'))?.offsetMs ?? 0,
    readingOf: async (process) => readingOf(process),
  };
}

function read<Content>(file: string): Content | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Content;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
