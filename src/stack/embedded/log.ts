import { open, stat } from 'node:fs/promises';

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

/** The length of a log file in bytes; 0 when there is no file yet. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/**
 * The last lines of a log file, oldest first; none when there is no file yet.
 *
 * @param after bytes of the file that are left out, and with them a line that began in them
 */
export async function lastLines(file: string, count: number, after = 0): Promise<string[]> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    const { size } = await handle.stat();
    // From the last byte of what is left out: only if that is the end of a line is the next one whole.
    const start = Math.max(0, size - TAIL_BYTES, Math.min(after, size) - 1);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - start), position: start });
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    if (start > 0 || after > 0) lines.shift(); // cut off in the middle
    return lines.filter((line) => line.trim() !== '').slice(-count);
  } finally {
    await handle.close();
  }
}
