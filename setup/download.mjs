import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { messageOf, SourceError } from './errors.mjs';

/** How long a server may take until it answers, and then between two pieces of the answer, in milliseconds. */
export const PATIENCE = { answerMs: 5_000, stallMs: 15_000 };

/**
 * Fetches a small text.
 * @throws {SourceError}
 */
export async function fetchText(url, options) {
  return withResponse(url, options, async (response, alive) => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      alive();
      text += decoder.decode(chunk, { stream: true });
    }
    return text;
  });
}

/**
 * Fetches a file and returns its SHA-256 in hex.
 * @param {string} url
 * @param {string} path
 * @param {{ signal?: AbortSignal, patience?: typeof PATIENCE, onProgress?: (bytes: number, total?: number) => void }} options
 * @throws {SourceError} also when the answer was cut off
 */
export async function fetchFile(url, path, options = {}) {
  return withResponse(url, options, async (response, alive) => {
    const total = Number(response.headers.get('content-length')) || undefined;
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(
      response.body,
      async function* (chunks) {
        for await (const chunk of chunks) {
          alive();
          hash.update(chunk);
          bytes += chunk.length;
          options.onProgress?.(bytes, total);
          yield chunk;
        }
      },
      createWriteStream(path),
    );
    return hash.digest('hex');
  });
}

/** Opens `url`, gives up when nothing comes for too long, and says so in words of its own. */
async function withResponse(url, { signal, patience = PATIENCE } = {}, read) {
  const { host } = new URL(url);
  const ours = new AbortController();
  let timer;
  const limit = (ms, why) => {
    clearTimeout(timer);
    timer = setTimeout(() => ours.abort(new SourceError(why)), ms);
  };
  const alive = () => limit(patience.stallMs, `${host} sent nothing for ${patience.stallMs / 1000} s`);
  limit(patience.answerMs, `${host} did not answer within ${patience.answerMs / 1000} s`);
  try {
    const response = await fetch(url, {
      signal: signal ? AbortSignal.any([signal, ours.signal]) : ours.signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new SourceError(`${url} answered ${response.status}`);
    }
    alive();
    return await read(response, alive);
  } catch (error) {
    signal?.throwIfAborted();
    if (ours.signal.aborted) throw ours.signal.reason;
    throw error instanceof SourceError ? error : new SourceError(`${host}: ${messageOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The checksum of one file in a checksum file: lines of SHA-256 in hex, space, and the name.
 * @returns {string | undefined}
 */
export function findChecksum(text, name) {
  for (const line of text.split('\n')) {
    const [, checksum, file] = /^([0-9a-f]{64})\s+\*?(?:\.\/)?(\S+)\s*$/i.exec(line) ?? [];
    if (file === name) return checksum.toLowerCase();
  }
  return undefined;
}
