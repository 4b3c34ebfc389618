import type { IncomingHttpHeaders } from 'node:http';
import { ClickHouseException } from './errors.ts';

/** What a request asks for beside its body. */
export interface RequestOptions {
  /** SQL in the URL, `''` when it is in the body. */
  readonly query: string;
  /** Undefined when the caller leaves it to the server. */
  readonly database: string | undefined;
  readonly queryId: string | undefined;
  readonly defaultFormat: string;
  /** True when the caller takes a gzip answer. */
  readonly gzip: boolean;
  readonly settings: ReadonlyMap<string, string>;
  /** `{name:Type}` parameters without their prefix, escaped as TabSeparated values. */
  readonly params: ReadonlyMap<string, string>;
}

/** URL parameters with a meaning of their own; every other one is a setting (ClickHouse, HTTPHandler.cpp). */
const RESERVED = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'buffer_size',
  'wait_end_of_query',
  'stacktrace',
  'client_protocol_version',
  'session_timeout',
  'session_check',
]);

/** What the server can do and the front cannot; better refused than passed over in silence. */
const UNSUPPORTED = new Set(['session_id', 'role', 'compress', 'decompress']);

/**
 * Reads the URL's parameters and the headers.
 *
 * @param readOnly true for GET, which may change nothing (the server sets `readonly=2`)
 * @throws ClickHouseException 48 NOT_IMPLEMENTED for sessions, roles and the native compression
 */
export function readOptions(
  url: URLSearchParams,
  headers: IncomingHttpHeaders,
  readOnly: boolean,
): RequestOptions {
  const settings = new Map<string, string>();
  const params = new Map<string, string>();
  for (const [name, value] of url) {
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value);
    else if (UNSUPPORTED.has(name) && value !== '' && value !== '0') {
      throw ClickHouseException.refuse(48, 'NOT_IMPLEMENTED', `The parameter ${name} is not supported`);
    } else if (!RESERVED.has(name) && !UNSUPPORTED.has(name)) settings.set(name, value);
  }
  if (readOnly && !settings.has('readonly')) settings.set('readonly', '2');
  return {
    query: url.get('query') ?? '',
    database: header(headers, 'x-clickhouse-database') ?? (url.get('database') || undefined),
    queryId: url.get('query_id') || undefined,
    defaultFormat: header(headers, 'x-clickhouse-format') ?? url.get('default_format') ?? 'TabSeparated',
    gzip: isOn(settings.get('enable_http_compression')) && acceptsGzip(headers),
    settings,
    params,
  };
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return value === undefined ? undefined : String(value);
}

function isOn(value: string | undefined): boolean {
  return value === '1' || value?.toLowerCase() === 'true';
}

function acceptsGzip(headers: IncomingHttpHeaders): boolean {
  return /\bgzip\b/i.test(String(headers['accept-encoding'] ?? ''));
}
