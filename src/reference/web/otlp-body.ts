import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ResourceSpans } from './otel.ts';
import { decodeSpans } from './otlp-protobuf.ts';

/** The spans of a request, or the error that it is refused with. */
export type ReadSpans =
  | { readonly spans: readonly ResourceSpans[]; readonly refused?: undefined }
  | { readonly spans?: undefined; readonly refused: string };

/**
 * Reads the body of an OTLP request, JSON or protobuf, either of them in gzip (web/src/pages/api/public/otel/v1/traces at v3.36.0). A body
 * that can be read but has no `resourceSpans` is not refused: what comes next fails at it, and the answer is 500.
 */
export async function readSpans(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): Promise<ReadSpans> {
  let bytes = body;
  if (headers['content-encoding']?.includes('gzip')) {
    try {
      bytes = await promisify(gunzip)(body);
    } catch {
      return { refused: 'Failed to decompress request body' };
    }
  }
  const type = String(headers['content-type']).toLowerCase();
  if (type.includes('application/x-protobuf')) {
    return readBy('Protobuf', () => decodeSpans(bytes));
  }
  if (type.includes('application/json')) {
    return readBy('JSON', () => JSON.parse(bytes.toString('utf8')).resourceSpans);
  }
  return { refused: 'Invalid content type' };
}

/** @param read may give undefined, which is passed on as it is */
function readBy(format: string, read: () => unknown): ReadSpans {
  try {
    return { spans: read() as ResourceSpans[] };
  } catch {
    return { refused: `Failed to parse OTel ${format} Trace` };
  }
}
