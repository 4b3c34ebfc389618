import { httpStatusOf } from '../../stack/embedded/clickhouse/errors.ts';

/** Version that the made-up errors name: the one of Langfuse v3.36.0's time that the stack's engine is made compatible with. */
const VERSION = '24.3.18.7';

/** Name and text of the codes that are made up most, as a server words them (ClickHouse, src/Common/ErrorCodes.cpp). */
const KNOWN: Readonly<Record<number, readonly [name: string, text: string]>> = {
  159: ['TIMEOUT_EXCEEDED', 'Timeout exceeded: elapsed 30.000921 seconds, maximum: 30'],
  164: ['READONLY', 'Cannot execute query in readonly mode'],
  202: ['TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries. Maximum: 100'],
  241: [
    'MEMORY_LIMIT_EXCEEDED',
    'Memory limit (total) exceeded: would use 1.81 GiB (attempt to allocate chunk of 4194304 bytes), maximum: 1.80 GiB',
  ],
  242: ['TABLE_IS_READ_ONLY', 'Table is in readonly mode'],
  243: ['NOT_ENOUGH_SPACE', 'Cannot reserve 1.00 MiB, not enough space'],
  252: [
    'TOO_MANY_PARTS',
    'Too many parts (3000 with average size of 1.00 KiB). Merges are processing significantly slower than inserts',
  ],
  999: ['KEEPER_EXCEPTION', 'Session expired'],
};

/** An error as a ClickHouse server words it, and the status that it has before anything else was sent. */
export function clickhouseException(code: number, text?: string): { status: number; message: string } {
  const [name, known] = KNOWN[code] ?? ['UNKNOWN_EXCEPTION', 'Something went wrong'];
  const message = `Code: ${code}. DB::Exception: ${text ?? known}. (${name}) (version ${VERSION} (official build))`;
  return { status: httpStatusOf(code), message };
}
