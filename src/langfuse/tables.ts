import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Access } from './access.ts';
import type { EntityKey, EntityKind } from './events.ts';
import { markOfComment, marksOfMetadata } from './mark.ts';
import { COLUMNS_OF, ROW_FORMAT, SORTING_KEY_OF, type StoredRow, TABLE_OF } from './stored-row.ts';

/** Milliseconds of silence after which a query is given up. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Milliseconds that ClickHouse has to be taken for answering. */
const ANSWER_TIMEOUT_MS = 3000;

const KINDS: readonly EntityKind[] = ['trace', 'observation', 'score'];

/** Which rows to read; everything that is left out is not restricted. */
export interface RowFilter {
  readonly projectId?: string;
  readonly kind?: EntityKind;
  readonly ids?: readonly string[];
}

/** An entity that has a row, and the marks found in that row. */
export interface LandedMarks {
  readonly entity: EntityKey;
  /** Numbers of the events whose marks the row carries. */
  readonly marks: readonly number[];
}

/** Langfuse's tables in ClickHouse, read only. Every method but `answers` throws {@link ChaosError} `E_CLICKHOUSE` when a query fails. */
export interface Tables extends AsyncDisposable {
  /**
   * The rows of traces, observations and scores as they stand after all merges (`FINAL`), of every project unless
   * told, streamed. Rows whose newest version has `is_deleted = 1` come too, though `FINAL` hides them.
   * An id that is stored under two days (or two names, for scores) gives two rows.
   */
  readRows(filter?: RowFilter): AsyncIterable<StoredRow>;
  /**
   * The marks in rows of this project that the worker merged at or after `since`. A row becomes visible later
   * than its `event_ts` (it waits in the worker's buffer, up to three inserts of 30 s each), so ask for an
   * overlap and expect the same marks again.
   *
   * @param since milliseconds since the epoch, by the worker's clock
   */
  newMarks(projectId: string, since: number): Promise<LandedMarks[]>;
  /** Rows after all merges, hidden ones left out. */
  rowCounts(projectId?: string): Promise<Record<EntityKind, number>>;
  /** A text that changes whenever a newer version of any of the project's rows is written, and not when parts are merged. */
  fingerprint(projectId: string): Promise<string>;
  /** Whether ClickHouse takes the password and answers a query within 3 s. */
  answers(): Promise<boolean>;
}

/** Opens Langfuse's tables; nothing is sent before the first question. */
export function openTables(access: Access['clickhouse']): Tables {
  const client = createClient({
    ...access,
    application: 'langfuse-chaos',
    request_timeout: REQUEST_TIMEOUT_MS,
    // An idle socket that the server closed must not look like an outage.
    keep_alive: { enabled: true, idle_socket_ttl: 1000 },
    // Errors are thrown; the client would print each of them as well.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: { ...ROW_FORMAT, max_query_size: '16777216' },
  });

  return {
    readRows: (filter) => readRows(client, filter ?? {}),
    newMarks: async (projectId, since) => {
      const found: LandedMarks[] = [];
      for (const kind of KINDS) found.push(...(await readMarks(client, kind, projectId, since)));
      return found;
    },
    rowCounts: async (projectId) => {
      const counts: Record<EntityKind, number> = { trace: 0, observation: 0, score: 0 };
      for (const kind of KINDS) {
        const query = `SELECT count() AS n FROM ${TABLE_OF[kind]} FINAL WHERE ${conditionOf({ ...(projectId === undefined ? {} : { projectId }) })}`;
        for await (const row of stream<{ n: string }>(client, query)) counts[kind] = Number(row.n);
      }
      return counts;
    },
    fingerprint: async (projectId) => {
      const parts: string[] = [];
      for (const kind of KINDS) {
        const query = `SELECT count() AS ids, sum(toUnixTimestamp64Milli(newest)) AS versions FROM (
          SELECT max(event_ts) AS newest FROM ${TABLE_OF[kind]} WHERE ${conditionOf({ projectId })} GROUP BY id)`;
        for await (const row of stream<{ ids: string; versions: string }>(client, query)) {
          parts.push(`${row.ids}/${row.versions}`);
        }
      }
      return parts.join(' ');
    },
    answers: async () => {
      const result = await client.ping({
        select: true,
        abort_signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      return result.success;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function* readRows(client: ClickHouseClient, filter: RowFilter): AsyncGenerator<StoredRow> {
  if (filter.ids?.length === 0) return;
  for (const kind of filter.kind ? [filter.kind] : KINDS) {
    for (const query of [liveQuery(kind, filter), hiddenQuery(kind, filter)]) {
      for await (const row of stream<Omit<StoredRow, 'kind'>>(client, query)) {
        yield { kind, ...row } as StoredRow;
      }
    }
  }
}

function liveQuery(kind: EntityKind, filter: RowFilter): string {
  return `SELECT ${COLUMNS_OF[kind].join(', ')} FROM ${TABLE_OF[kind]} FINAL WHERE ${conditionOf(filter)}`;
}

/**
 * `FINAL` leaves out a key whose newest version has `is_deleted = 1`, and no setting brings it back. It is hidden
 * when it has such a version and `FINAL` shows nothing for it.
 */
function hiddenQuery(kind: EntityKind, filter: RowFilter): string {
  const table = TABLE_OF[kind];
  const key = SORTING_KEY_OF[kind];
  const condition = conditionOf(filter);
  const deleted = `SELECT ${key} FROM ${table} WHERE is_deleted = 1 AND ${condition}`;
  return `SELECT ${COLUMNS_OF[kind].join(', ')} FROM ${table}
    WHERE is_deleted = 1 AND ${condition}
      AND (${key}) NOT IN (SELECT ${key} FROM ${table} FINAL WHERE ${condition} AND (${key}) IN (${deleted}))
    ORDER BY event_ts DESC LIMIT 1 BY ${key}`;
}

/** Values stand in the query's text, not in parameters: these travel in the URL, where a few hundred ids are too many. */
function conditionOf({ projectId, ids }: Omit<RowFilter, 'kind'>): string {
  const conditions = [
    ...(projectId === undefined ? [] : [`project_id = ${quote(projectId)}`]),
    ...(ids === undefined ? [] : [`id IN (${ids.map(quote).join(', ')})`]),
  ];
  return conditions.join(' AND ') || '1';
}

/** A ClickHouse string literal. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

async function readMarks(
  client: ClickHouseClient,
  kind: EntityKind,
  projectId: string,
  since: number,
): Promise<LandedMarks[]> {
  const carrier = kind === 'score' ? 'comment' : 'mapKeys(metadata)';
  // No FINAL: an older version of a row has landed as well.
  const query = `SELECT id, ${carrier} AS carrier FROM ${TABLE_OF[kind]}
    WHERE project_id = ${quote(projectId)} AND event_ts >= fromUnixTimestamp64Milli(toInt64(${Math.floor(since)}))`;
  const found: LandedMarks[] = [];
  for await (const row of stream<{ id: string; carrier: string | string[] | null }>(client, query)) {
    found.push({ entity: `${kind}/${row.id}`, marks: marksOf(row.carrier) });
  }
  return found;
}

function marksOf(carrier: string | string[] | null): number[] {
  if (Array.isArray(carrier)) return marksOfMetadata(Object.fromEntries(carrier.map((key) => [key, ''])));
  const mark = markOfComment(carrier);
  return mark === undefined ? [] : [mark];
}

/** The rows of a query, a few hundred in memory at a time; an exception in the middle of the answer is thrown too. */
async function* stream<Row>(client: ClickHouseClient, query: string): AsyncGenerator<Row> {
  try {
    const result = await client.query({ query, format: 'JSONEachRow' });
    for await (const rows of result.stream<Row>()) {
      for (const row of rows) yield row.json<Row>();
    }
  } catch (error) {
    throw new ChaosError({
      code: 'E_CLICKHOUSE',
      happened: `ClickHouse could not be read: ${messageOf(error).trim().replace(/\.$/, '')}.`,
      remedy: 'see whether ClickHouse runs and takes this user and password, then ask again.',
      cause: error,
    });
  }
}
