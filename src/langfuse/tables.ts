import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Access } from './access.ts';
import type { EntityKey, EntityKind } from './events.ts';
import { MARKED_ATTRIBUTE, markOfComment, marksOfKeys } from './mark.ts';
import {
  COLUMNS_OF,
  EVENT_COLUMNS,
  EVENT_SORTING_KEY,
  ROW_FORMAT,
  rowOfEvent,
  SORTING_KEY_OF,
  type StoredRow,
  TABLE_OF,
} from './stored-row.ts';

/** Milliseconds of silence after which a query is given up. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Milliseconds that ClickHouse has to be taken for answering. */
const ANSWER_TIMEOUT_MS = 3000;

/** A table that is read, and how. */
interface Source {
  readonly kind: EntityKind;
  readonly table: string;
  readonly columns: readonly string[];
  readonly sortingKey: string;
  /** The column with the entity's id. */
  readonly id: string;
  /** Where its rows carry marks, as a text or a list of texts. */
  readonly carrier: string;
  readonly toRow: (read: Readonly<Record<string, unknown>>) => StoredRow;
}

/** The tables of v3, one for each kind. v3.36.0 leaves the marks of spans inside one metadata key. */
const SOURCES: readonly Source[] = (['trace', 'observation', 'score'] as const).map((kind) => ({
  kind,
  table: TABLE_OF[kind],
  columns: COLUMNS_OF[kind],
  sortingKey: SORTING_KEY_OF[kind],
  id: 'id',
  carrier:
    kind === 'score'
      ? 'comment'
      : `arrayConcat(mapKeys(metadata), extractAll(metadata['attributes'], ${quote(MARKED_ATTRIBUTE)}))`,
  toRow: (read) => ({ kind, ...read }) as StoredRow,
}));

/** The table of v4, in which each row is a span; its rows are those of observations. */
const EVENTS: Source = {
  kind: 'observation',
  table: 'events_full',
  columns: EVENT_COLUMNS,
  sortingKey: EVENT_SORTING_KEY,
  id: 'span_id',
  carrier: 'metadata_names',
  toRow: rowOfEvent,
};

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
   * told, streamed; those of `events_full` come as rows of observations. Rows whose newest version has `is_deleted = 1` come too, though `FINAL` hides them.
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

/**
 * Opens Langfuse's tables; nothing is sent before the first question.
 *
 * @param withEvents whether `events_full` is read too: with the write mode `events_only` spans are stored there and nowhere else. With `dual` it
 *   holds a second copy of what the other tables hold.
 */
export function openTables(access: Access['clickhouse'], withEvents = false): Tables {
  const sources = withEvents ? [...SOURCES, EVENTS] : SOURCES;
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
    readRows: (filter) => readRows(client, sources, filter ?? {}),
    newMarks: async (projectId, since) => {
      const found: LandedMarks[] = [];
      for (const source of sources) found.push(...(await readMarks(client, source, projectId, since)));
      return found;
    },
    rowCounts: async (projectId) => {
      const counts: Record<EntityKind, number> = { trace: 0, observation: 0, score: 0 };
      for (const source of sources) {
        const condition = conditionOf(projectId === undefined ? {} : { projectId }, source);
        const query = `SELECT count() AS n FROM ${source.table} FINAL WHERE ${condition}`;
        for await (const row of stream<{ n: string }>(client, query)) counts[source.kind] += Number(row.n);
      }
      return counts;
    },
    fingerprint: async (projectId) => {
      const parts: string[] = [];
      for (const source of sources) {
        const query = `SELECT count() AS ids, sum(toUnixTimestamp64Milli(newest)) AS versions FROM (
          SELECT max(event_ts) AS newest FROM ${source.table} WHERE ${conditionOf({ projectId }, source)} GROUP BY ${source.id})`;
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

async function* readRows(
  client: ClickHouseClient,
  sources: readonly Source[],
  filter: RowFilter,
): AsyncGenerator<StoredRow> {
  if (filter.ids?.length === 0) return;
  for (const source of sources) {
    if (filter.kind && source.kind !== filter.kind) continue;
    for (const query of [liveQuery(source, filter), hiddenQuery(source, filter)]) {
      for await (const read of stream<Record<string, unknown>>(client, query)) yield source.toRow(read);
    }
  }
}

function liveQuery(source: Source, filter: RowFilter): string {
  return `SELECT ${source.columns.join(', ')} FROM ${source.table} FINAL WHERE ${conditionOf(filter, source)}`;
}

/**
 * `FINAL` leaves out a key whose newest version has `is_deleted = 1`, and no setting brings it back. It is hidden
 * when it has such a version and `FINAL` shows nothing for it.
 */
function hiddenQuery(source: Source, filter: RowFilter): string {
  const { table, sortingKey: key, columns } = source;
  const condition = conditionOf(filter, source);
  const deleted = `SELECT ${key} FROM ${table} WHERE is_deleted = 1 AND ${condition}`;
  return `SELECT ${columns.join(', ')} FROM ${table}
    WHERE is_deleted = 1 AND ${condition}
      AND (${key}) NOT IN (SELECT ${key} FROM ${table} FINAL WHERE ${condition} AND (${key}) IN (${deleted}))
    ORDER BY event_ts DESC LIMIT 1 BY ${key}`;
}

/** Values stand in the query's text, not in parameters: these travel in the URL, where a few hundred ids are too many. */
function conditionOf({ projectId, ids }: Omit<RowFilter, 'kind'>, { id }: Pick<Source, 'id'>): string {
  const conditions = [
    ...(projectId === undefined ? [] : [`project_id = ${quote(projectId)}`]),
    ...(ids === undefined ? [] : [`${id} IN (${ids.map(quote).join(', ')})`]),
  ];
  return conditions.join(' AND ') || '1';
}

/** A ClickHouse string literal. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

async function readMarks(
  client: ClickHouseClient,
  { kind, table, id, carrier }: Source,
  projectId: string,
  since: number,
): Promise<LandedMarks[]> {
  // No FINAL: an older version of a row has landed as well.
  const query = `SELECT ${id} AS id, ${carrier} AS carrier FROM ${table}
    WHERE project_id = ${quote(projectId)} AND event_ts >= fromUnixTimestamp64Milli(toInt64(${Math.floor(since)}))`;
  const found: LandedMarks[] = [];
  for await (const row of stream<{ id: string; carrier: string | string[] | null }>(client, query)) {
    found.push({ entity: `${kind}/${row.id}`, marks: marksOf(row.carrier, kind) });
  }
  return found;
}

function marksOf(carrier: string | string[] | null, kind: EntityKind): number[] {
  if (Array.isArray(carrier)) return marksOfKeys(carrier, kind);
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
