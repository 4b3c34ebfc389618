import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exchange } from '../../stack.ts';

/** An exchange as preload.cjs writes it; the port is that of the far end. */
type Note = Omit<Exchange, 'seenAt'> & { readonly port: number };

/**
 * What a process wrote down of its connections to a port (`preload.cjs`), those of its ended predecessors included.
 *
 * @param folder the folder that it was told as LANGFUSE_CHAOS_NOTES
 */
export async function readExchanges(folder: string, port: number): Promise<Exchange[]> {
  const names = (await readdir(folder)).filter((name) => /^exchanges-\d+\.json$/.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const { writtenAt, exchanges } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
        writtenAt: number;
        exchanges: Note[];
      };
      return exchanges
        .filter((note) => note.port === port)
        .map(({ port: _port, ...exchange }): Exchange => ({ ...exchange, seenAt: writtenAt }));
    }),
  );
  return files.flat();
}
