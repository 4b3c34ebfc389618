import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { ClickHouseException } from './errors.ts';

/** Bytes of a body, before and after decompression. A batch of Langfuse's writer has about 1 MB. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Milliseconds of silence after which a half-sent body is given up (the server's `receive_timeout`). */
const RECEIVE_TIMEOUT_MS = 30_000;

const DECODERS: Readonly<
  Record<string, (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** The other side went away, or fell silent, before the body was complete. Nothing of it is used. */
export class BodyCut extends Error {}

/**
 * The whole body, decompressed. It is collected before the engine sees any of it, so that a body which is cut
 * (by Content-Length, by a missing last chunk, or inside the compression) is never taken for a complete one.
 * The real server streams: of a cut INSERT it may keep the blocks it has already written (by default a
 * million rows each), so below that size both keep nothing.
 *
 * @throws BodyCut when the connection ended or fell silent
 * @throws ClickHouseException 48 for an unknown compression, 229 for a body over 256 MiB, 1001 for bad compression
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? '';
  const decode = DECODERS[encoding];
  if (encoding !== '' && encoding !== 'identity' && !decode) {
    throw ClickHouseException.refuse(48, 'NOT_IMPLEMENTED', `Unknown compression method: ${encoding}`);
  }
  const body = await collect(request);
  if (!decode || body.length === 0) return body;
  return decode(body, { maxOutputLength: MAX_BODY_BYTES }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : error;
  });
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Without a listener node closes the socket when it falls silent, which ends the iteration below.
  request.socket.setTimeout(RECEIVE_TIMEOUT_MS);
  try {
    // Not destroyed on return: the refusal of a body that is too large must still reach the sender.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof ClickHouseException ? error : new BodyCut('the body was cut', { cause: error });
  }
  request.socket.setTimeout(0);
  if (!request.complete) throw new BodyCut('the body was cut');
  return Buffer.concat(chunks, size);
}

function tooLarge(): ClickHouseException {
  return ClickHouseException.refuse(
    229,
    'QUERY_IS_TOO_LARGE',
    `The body has more than ${MAX_BODY_BYTES} bytes`,
  );
}
