import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type LogExcerpt, logExcerpt } from '../../base/log-excerpt.ts';
import { logFileOf } from '../folder.ts';
import { COMPONENTS, type Component, type Stack } from '../stack.ts';
import { type Container, containerOf, type Engine, engineOf } from './engine.ts';

/** Each piece of a log begins with the stream's number, three zeros and its length (Docker Engine API, ContainerAttach). */
const FRAME_HEADER = 8;

/** Everything that a container has written so far, over all its starts. */
export async function logOf(container: Container): Promise<Buffer> {
  const raw = await container.logs({ stdout: true, stderr: true, follow: false });
  return withoutFrames(raw as unknown as Buffer);
}

/** The text of both streams in the order in which it came. */
export function withoutFrames(raw: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at + FRAME_HEADER <= raw.length; ) {
    const end = at + FRAME_HEADER + raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + FRAME_HEADER, end));
    at = end;
  }
  return Buffer.concat(pieces);
}

/**
 * The last lines of a log, oldest first.
 *
 * @param after bytes that are left out, and with them a line that began in them
 */
export function linesOf(log: Buffer, count: number, after = 0): string[] {
  // A log that is shorter is that of another container, which took the place of the first.
  const left = after > log.length ? 0 : after;
  const start = Math.max(0, left - 1);
  const lines = log.toString('utf8', start).split('\n');
  if (left > 0) lines.shift(); // cut off in the middle, or the end of what is left out
  return lines.filter((line) => line.trim() !== '').slice(-count);
}

/** The last lines of a component's log for an error, without the secrets of the stack; none when it has no container. */
export async function logForError(
  engine: Engine,
  { id, secrets }: Pick<Stack, 'id' | 'secrets'>,
  name: Component,
): Promise<LogExcerpt> {
  try {
    const log = await logOf(await containerOf(engine, id, name));
    return logExcerpt(log.toString('utf8'), secrets);
  } catch {
    return logExcerpt('', secrets);
  }
}

/** Keeps the log of a container that is about to be made anew, under a name of its own. */
export async function keepLogOf(engine: Engine, id: string, folder: string, name: Component): Promise<void> {
  const log = await logOf(await containerOf(engine, id, name));
  for (let number = 1; ; number += 1) {
    const file = logFileOf(folder, `${name}-before-${number}`);
    if (existsSync(file)) continue;
    await writeFile(file, log, { mode: 0o600 });
    return;
  }
}

/** Writes the log of every container into the stack's folder, where those of processes are. What can't be had is passed over. */
export async function gatherLogs(dockerHost: string, id: string, folder: string): Promise<void> {
  await Promise.all(
    COMPONENTS.map(async (name) => {
      try {
        const log = await logOf(await containerOf(await engineOf(dockerHost), id, name));
        const file = logFileOf(folder, name);
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await writeFile(file, log, { mode: 0o600 });
      } catch {}
    }),
  );
}
