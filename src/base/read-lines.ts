import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 20;
const NEWLINE = 10;

/**
 * The whole lines of a text file, read as they are asked for, without their line ends. What follows the last line
 * end was cut off and is left out.
 *
 * @throws the system's error when the file can't be opened; RangeError at a line longer than 256 MiB
 */
export function* readLines(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    let rest: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const read = readSync(file, chunk, 0, CHUNK, null);
      if (read === 0) return;
      const data = chunk.subarray(0, read);
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
        const piece = data.subarray(start, end);
        yield (rest.length === 0 ? piece : Buffer.concat([...rest, piece])).toString('utf8');
        rest = [];
        length = 0;
        start = end + 1;
      }
      rest.push(data.subarray(start));
      length += read - start;
      if (length > 256 << 20) throw new RangeError('a line without an end');
    }
  } finally {
    closeSync(file);
  }
}
