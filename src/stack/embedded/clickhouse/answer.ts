import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Outcome } from './engine.ts';
import { type ClickHouseException, httpStatusOf } from './errors.ts';

const compress = promisify(gzip);

/** The server's default, `http_zlib_compression_level`. */
const GZIP_LEVEL = 3;

/** The media type the server gives an output format. */
export function mediaTypeOf(format: string): string {
  if (/^JSON\w*EachRow|^JSONLines$|^NDJSON$/i.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (/^JSON/i.test(format)) return 'application/json; charset=UTF-8';
  if (/^CSV/i.test(format)) {
    return `text/csv; charset=UTF-8; header=${/WithNames/i.test(format) ? 'present' : 'absent'}`;
  }
  if (/^(TSV|TabSeparated)/i.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(Native|RowBinary|Arrow|Parquet|ORC|Avro|MsgPack|Protobuf|CapnProto|BSON|Npy)/i.test(format)) {
    return 'application/octet-stream';
  }
  return 'text/plain; charset=UTF-8';
}

/** `X-ClickHouse-Summary`: JSON whose numbers are texts. */
export function summaryOf(outcome: Outcome): string {
  return JSON.stringify({
    read_rows: String(outcome.rowsRead),
    read_bytes: String(outcome.bytesRead),
    written_rows: String(outcome.rowsWritten),
    written_bytes: String(outcome.bytesWritten),
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: String(outcome.output.length),
    elapsed_ns: String(Math.round(outcome.elapsedSeconds * 1e9)),
  });
}

/** Answers with a result. The headers that every answer has are set on the response already. */
export async function sendResult(
  response: ServerResponse,
  outcome: Outcome,
  options: { readonly format: string; readonly gzip: boolean },
): Promise<void> {
  const headers: OutgoingHttpHeaders = {
    'Content-Type': mediaTypeOf(options.format),
    'X-ClickHouse-Format': options.format,
    'X-ClickHouse-Timezone': 'UTC',
    'X-ClickHouse-Summary': summaryOf(outcome),
  };
  let body: Uint8Array = outcome.output;
  if (options.gzip && body.length > 0) {
    body = await compress(body, { level: GZIP_LEVEL });
    headers['Content-Encoding'] = 'gzip';
  }
  send(response, 200, headers, body);
}

/** Answers with an error, never compressed: older clients read the text of an error as it comes. */
export function sendException(
  response: ServerResponse,
  exception: ClickHouseException,
  version: string,
): void {
  const headers = {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(exception.code),
  };
  const text = `${exception.message} (version ${version} (official build))\n`;
  send(response, httpStatusOf(exception.code), headers, Buffer.from(text));
}

/** Answers with a status and a line of text. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, { 'Content-Type': 'text/html; charset=UTF-8' }, Buffer.from(text));
}

function send(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: Uint8Array,
): void {
  response.writeHead(status, { ...headers, 'Content-Length': body.length });
  response.end(body);
}
