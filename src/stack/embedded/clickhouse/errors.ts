/**
 * An error as the ClickHouse server words it: `Code: N. DB::Exception: text. (NAME)`. Thrown for what the
 * front itself refuses, and made from what the engine throws.
 */
export class ClickHouseException extends Error {
  /** ClickHouse's error code (system.errors). */
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.name = 'ClickHouseException';
    this.code = code;
  }

  /** What the front refuses: `reason` is a sentence without its full stop, `name` the name of the code. */
  static refuse(code: number, name: string, reason: string): ClickHouseException {
    return new ClickHouseException(code, `Code: ${code}. DB::Exception: ${reason}. (${name})`);
  }

  /** From anything the engine, zlib or the front threw; what has no code becomes STD_EXCEPTION (1001). */
  static from(error: unknown): ClickHouseException {
    if (error instanceof ClickHouseException) return error;
    const text = error instanceof Error ? error.message : String(error);
    const code = /^Code: (\d+)\. /.exec(text)?.[1];
    if (code) return new ClickHouseException(Number(code), text.trimEnd());
    return new ClickHouseException(1001, `Code: 1001. DB::Exception: ${text}. (STD_EXCEPTION)`);
  }
}

/**
 * The error codes that the server answers with another status than 500
 * (ClickHouse, src/Server/HTTP/exceptionCodeToHTTPStatus.cpp; numbers from src/Common/ErrorCodes.cpp).
 */
const STATUS_OF_CODES: readonly (readonly [status: number, codes: readonly number[]])[] = [
  // CANNOT_PARSE_*, THERE_IS_NO_COLUMN, BAD_ARGUMENTS, SYNTAX_ERROR, INCORRECT_DATA, TYPE_MISMATCH and the like
  [400, [6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427]],
  [400, [441, 675, 676]],
  // REQUIRED_PASSWORD
  [401, [194]],
  // UNKNOWN_USER, WRONG_PASSWORD, ACCESS_DENIED, SET_NON_GRANTED_ROLE, AUTHENTICATION_FAILED
  [403, [192, 193, 497, 512, 516]],
  // UNKNOWN_FUNCTION, UNKNOWN_TABLE, UNKNOWN_DATABASE, UNKNOWN_SETTING, UNKNOWN_FORMAT and the like
  [404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]],
  // TIMEOUT_EXCEEDED
  [408, [159]],
  // HTTP_LENGTH_REQUIRED
  [411, [381]],
  // QUERY_IS_TOO_LARGE
  [413, [229]],
  // UNSUPPORTED_MEDIA_TYPE
  [415, [779]],
  // NOT_IMPLEMENTED
  [501, [48]],
  // CANNOT_OPEN_FILE, SOCKET_TIMEOUT, CANNOT_SCHEDULE_TASK
  [503, [76, 209, 439]],
];

const statusByCode = new Map(
  STATUS_OF_CODES.flatMap(([status, codes]) => codes.map((code) => [code, status])),
);

/** The HTTP status that the server gives for an error code. */
export function httpStatusOf(code: number): number {
  return statusByCode.get(code) ?? 500;
}
