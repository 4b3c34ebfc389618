import { ClickHouseException } from './errors.ts';
import { readStatement, type Statement } from './statement.ts';

/** What the engine is given to run. */
export interface Query {
  readonly sql: string;
  /** For an INSERT the bytes that follow `sql` and a line feed; undefined for everything else. */
  readonly data: Buffer | undefined;
  readonly statement: Statement;
}

/**
 * Puts the query together from the URL and the body. The server reads them as one text with a line feed between
 * the two. The engine puts the same line feed between an INSERT and its data, so an INSERT that comes whole in
 * the body is cut at its first one: the data stay bytes, as binary formats need.
 *
 * @throws ClickHouseException 62 SYNTAX_ERROR for no statement and for several: the engine would take them
 */
export function readQuery(inUrl: string, body: Buffer): Query {
  const outline = readStatement(inUrl);
  if (outline.keyword === 'INSERT') return single({ sql: inUrl, data: body, statement: outline });
  const whole =
    inUrl === '' || body.length === 0 ? [Buffer.from(inUrl), body] : [Buffer.from(`${inUrl}\n`), body];
  const bytes = Buffer.concat(whole);
  const sql = bytes.toString('utf8');
  const statement = readStatement(sql);
  if (statement.keyword !== 'INSERT') return single({ sql, data: undefined, statement });
  const lineEnd = bytes.indexOf('\n');
  if (lineEnd < 0) return single({ sql, data: Buffer.alloc(0), statement });
  return single({ sql: bytes.toString('utf8', 0, lineEnd), data: bytes.subarray(lineEnd + 1), statement });
}

function single(query: Query): Query {
  const { keyword, severalStatements } = query.statement;
  if (keyword === '') throw ClickHouseException.refuse(62, 'SYNTAX_ERROR', 'Syntax error: Empty query');
  if (severalStatements) {
    throw ClickHouseException.refuse(62, 'SYNTAX_ERROR', 'Syntax error: Multi-statements are not allowed');
  }
  return query;
}
