import { open, stat } from 'node:fs/promises';
import { type LogExcerpt, logExcerpt } from '../../base/log-excerpt.ts';

/** How much of the end of a log is read. */
const TAIL_BYTES = 64 * 1024;
/** More than an error shows: a secret that goes over several lines is found as a whole. */
const EXCERPT_LINES = 100;

/** The last lines of a log for an error, without the secrets of the stack. */
export async function logForError(file: string, secrets: readonly string[]): Promise<LogExcerpt> {
  return logExcerpt(await lastLines(file, EXCERPT_LINES), secrets);
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
