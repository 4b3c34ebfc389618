import { ClickHouseError } from '@clickhouse/client';
import { PostgresError } from '../errors.ts';
import type { FailureKind } from './safe-writer.ts';

/**
 * Codes by which ClickHouse says that it can't read a value, from `src/Common/ErrorCodes.cpp`: the same row fails each time.
 * All others (memory, disk, too many parts, read-only, a table that is gone) pass.
 */
const POISON = new Set([
  '6', // CANNOT_PARSE_TEXT
  '25', // CANNOT_PARSE_ESCAPE_SEQUENCE
  '26', // CANNOT_PARSE_QUOTED_STRING
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '38', // CANNOT_PARSE_DATE
  '41', // CANNOT_PARSE_DATETIME
  '53', // TYPE_MISMATCH
  '69', // ARGUMENT_OUT_OF_BOUND
  '70', // CANNOT_CONVERT_TYPE
  '72', // CANNOT_PARSE_NUMBER
  '117', // INCORRECT_DATA
  '130', // CANNOT_READ_ARRAY_FROM_TEXT
  '131', // TOO_LARGE_STRING_SIZE
  '349', // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  '407', // DECIMAL_OVERFLOW
  '563', // CANNOT_READ_MAP_FROM_TEXT
]);

/** What an insert that failed says. */
export function kindOfInsertFailure(error: unknown): FailureKind {
  if (!(error instanceof ClickHouseError)) return 'away';
  return POISON.has(error.code) ? 'poison' : 'answered';
}

/** Whether Postgres refuses the values themselves (classes 22 and 2201B, an invalid pattern): waiting does not cure it. */
export function isHopelessInPostgres(error: unknown): boolean {
  if (!(error instanceof PostgresError)) return true;
  const cause = error.cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code.startsWith('22');
}

/** Whether S3 says that the object is not there. */
export function isGoneInS3(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === 'NoSuchKey';
}
