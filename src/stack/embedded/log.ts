import { open } from 'node:fs/promises';

/** How much of the end of a log is read. */
const TAIL_BYTES = 64 * 1024;
const ERROR_LINES = 12;
const ERROR_LINE_LENGTH = 400;

/** The last lines of a log for an error: few and short, because some programs write a page on one line. */
export async function logForError(file: string): Promise<string[]> {
  const lines = await lastLines(file, ERROR_LINES);
  return lines.map((line) =>
    line.length > ERROR_LINE_LENGTH ? `${line.slice(0, ERROR_LINE_LENGTH)}…` : line,
  );
}

/** The last lines of a log file, oldest first; none when there is no file yet. */
export async function lastLines(file: string, count: number): Promise<string[]> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - start), position: start });
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    if (start > 0) lines.shift(); // cut off in the middle
    return lines.filter((line) => line.trim() !== '').slice(-count);
  } finally {
    await handle.close();
  }
}
