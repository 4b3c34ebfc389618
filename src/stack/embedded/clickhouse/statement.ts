/** What the front has to know of a statement; the rest is the engine's business. */
export interface Statement {
  /** First word in upper case, `''` when there is none. */
  readonly keyword: string;
  /** The name in the FORMAT clause, as written; for an INSERT the format of its data. */
  readonly format?: string;
  /** True when something follows a semicolon. */
  readonly severalStatements: boolean;
}

/** Statements that change nothing, so that they may be ended when nobody waits for them any more. */
const READS = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK']);

/** True for a statement that only reads. */
export function onlyReads(statement: Statement): boolean {
  return READS.has(statement.keyword);
}

/**
 * Reads the outline of a statement: strings, quoted names, comments and brackets are skipped, and so is the
 * data of an INSERT. Never throws: what is not SQL is left to the engine to refuse.
 */
export function readStatement(sql: string): Statement {
  let keyword = '';
  let format: string | undefined;
  let depth = 0;
  let previous = '';
  let inSettings = false;
  let ended = false;
  for (const token of tokens(sql)) {
    if (ended) return { keyword, ...(format ? { format } : {}), severalStatements: true };
    const word = token.toUpperCase();
    if (keyword === '') keyword = word;
    if (token === ';') ended = true;
    else if (depth === 0 && previous === 'FORMAT' && isWord(token)) {
      format = token;
      // What follows is data, which may hold anything.
      if (keyword === 'INSERT') break;
    } else if (depth === 0 && word === 'VALUES' && keyword === 'INSERT') {
      format = 'Values';
      break;
    } else if (word === 'SETTINGS') inSettings = true;
    // `SELECT format FROM t`: only the end or SETTINGS may follow a FORMAT clause.
    else if (!inSettings) format = undefined;
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    previous = depth === 0 ? word : '';
  }
  return { keyword, ...(format ? { format } : {}), severalStatements: false };
}

function isWord(token: string): boolean {
  return /^[A-Za-z_]/.test(token);
}

/** Words, quoted pieces and single signs, without white space and comments. */
function* tokens(sql: string): Generator<string> {
  const plain = /\s+|--[^\n]*|#[ !][^\n]*|\w+|./gsy;
  while (plain.lastIndex < sql.length) {
    const start = plain.lastIndex;
    if (sql.startsWith('/*', start)) {
      const end = sql.indexOf('*/', start + 2);
      plain.lastIndex = end < 0 ? sql.length : end + 2;
      continue;
    }
    const token = plain.exec(sql)?.[0] ?? '';
    if (token === "'" || token === '"' || token === '`') {
      plain.lastIndex = endOfQuoted(sql, start);
      yield token;
    } else if (!/^(\s|--|#[ !])/.test(token)) yield token;
  }
}

/** Where a quoted piece that begins at `start` ends; a backslash takes the next sign along. */
function endOfQuoted(sql: string, start: number): number {
  const quote = sql[start];
  let at = start + 1;
  while (at < sql.length && sql[at] !== quote) at += sql[at] === '\\' ? 2 : 1;
  return at + 1;
}
