import type { IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { INGESTION_PATH, SCORES_PATH, SPANS_PATH } from '../../langfuse/endpoints.ts';
import { parseExport } from '../../langfuse/otlp.ts';
import type { Scrubber } from '../scrubber.ts';
import type { RecordingWriter } from './format.ts';
import { spansOfProtobuf } from './otlp-protobuf.ts';
import { LARGEST_BODY } from './proxy.ts';

/** The only headers that are recorded: what sent the request, and in what form. */
const RECORDED_HEADERS = /^(content-type|user-agent|x-langfuse-sdk-(name|version|variant|integration))$/;

/** One request and how it was answered. */
export interface Exchange {
  readonly offsetMs: number;
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire; undefined when it was too large to keep. */
  readonly body: Buffer | undefined;
}

/** What has been recorded. */
export interface Tape {
  readonly leftOut: Readonly<Record<string, number>>;
  recorded(): number;
  add(exchange: Exchange): void;
  finish(): void;
}

/** Decides what of an exchange goes into the file. */
export function createTape(
  file: RecordingWriter,
  scrubber: Scrubber,
  onError: (error: unknown) => void,
): Tape {
  const leftOut: Record<string, number> = {};
  let recorded = 0;
  let failed = false;
  const leaveOut = (reason: string) => {
    leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  };
  return {
    leftOut,
    recorded: () => recorded,
    add: ({ offsetMs, path, status, headers, body }: Exchange) => {
      scrubber.learn(headers.authorization);
      if (failed) return leaveOut('the file could not be written');
      if (status < 200 || status > 299) return leaveOut('not answered with 2xx');
      if (body === undefined) return leaveOut(`body larger than ${LARGEST_BODY} bytes`);
      const content = readBody(body, headers, scrubber.scrub);
      if (content === undefined) return leaveOut('body is not JSON');
      const obstacle = unplayable(path, content.json);
      if (obstacle) return leaveOut(obstacle);
      try {
        file.add({ offsetMs, path, headers: recordedHeaders(headers), body: content.json });
        recorded += 1;
      } catch (error) {
        failed = true;
        leaveOut('the file could not be written');
        onError(error);
      }
    },
    finish: () => {
      if (!failed) file.finish(leftOut);
    },
  };
}

/** Why the player could not send this again with ids of its own; undefined when it can. */
function unplayable(path: string, json: unknown): string | undefined {
  if (path === INGESTION_PATH) return undefined;
  if (path === SPANS_PATH) return parseExport(json) ? undefined : 'spans that can’t be read as OTLP/JSON';
  if (path !== SCORES_PATH) return `${path} can't be played again yet`;
  const hasId = typeof (json as { id?: unknown } | null)?.id === 'string';
  return hasId ? undefined : 'a score without an id, which could not be found again';
}

function recordedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && RECORDED_HEADERS.test(name)) kept[name] = value;
  }
  return kept;
}

/** The body as JSON; spans in protobuf in the JSON form of theirs. */
function readBody(
  body: Buffer,
  headers: IncomingHttpHeaders,
  scrub: (text: string) => string,
): { json: unknown } | undefined {
  try {
    const bytes = decode(body, headers['content-encoding']);
    const isProtobuf = headers['content-type']?.includes('application/x-protobuf');
    const text = isProtobuf ? JSON.stringify(spansOfProtobuf(bytes)) : bytes.toString('utf8');
    return { json: JSON.parse(scrub(text)) };
  } catch {
    return undefined;
  }
}

function decode(body: Buffer, encoding: string | undefined): Buffer {
  const options = { maxOutputLength: LARGEST_BODY };
  switch (encoding) {
    case 'gzip':
      return gunzipSync(body, options);
    case 'deflate':
      return inflateSync(body, options);
    case 'br':
      return brotliDecompressSync(body, options);
    default:
      return body;
  }
}
