import type { FastifyInstance } from 'fastify';
import { z } from 'zod/v3';
import { type ClickHouse, toClickHouseTime } from '../clickhouse.ts';
import { notFound } from '../errors.ts';
import { dateTime } from '../events.ts';
import { authedRoute, type Call } from './http.ts';
import { postScore, postTrace, type SingleParts } from './single-routes.ts';
import { type Row, toObservation, toScore, toTrace } from './views.ts';

const page = {
  page: z.preprocess((value) => (value === '' ? undefined : value), z.coerce.number().gt(0).default(1)),
  limit: z.preprocess((value) => (value === '' ? undefined : value), z.coerce.number().lte(100).default(50)),
};
const text = z.string().nullish();
const tracesQuery = z.object({
  ...page,
  userId: text,
  name: text,
  sessionId: text,
  fromTimestamp: dateTime,
  toTimestamp: dateTime,
});
const observationsQuery = z.object({
  ...page,
  type: z.enum(['GENERATION', 'SPAN', 'EVENT']).nullish(),
  name: text,
  traceId: text,
  fromStartTime: dateTime,
  toStartTime: dateTime,
});
const scoresQuery = z.object({ ...page, name: text, fromTimestamp: dateTime, toTimestamp: dateTime });

/** `[column, operator, type of the parameter]` of each filter. */
type Columns = Record<string, readonly [column: string, operator: '=' | '>=' | '<', type: string]>;
const TIME = 'DateTime64(3)';
const FILTERS: Record<'traces' | 'observations' | 'scores', Columns> = {
  traces: {
    userId: ['t.user_id', '=', 'String'],
    name: ['t.name', '=', 'String'],
    sessionId: ['t.session_id', '=', 'String'],
    fromTimestamp: ['t.timestamp', '>=', TIME],
    toTimestamp: ['t.timestamp', '<', TIME],
  },
  observations: {
    type: ['o.type', '=', 'String'],
    name: ['o.name', '=', 'String'],
    traceId: ['o.trace_id', '=', 'String'],
    fromStartTime: ['o.start_time', '>=', TIME],
    toStartTime: ['o.start_time', '<', TIME],
  },
  scores: {
    name: ['s.name', '=', 'String'],
    fromTimestamp: ['s.timestamp', '>=', TIME],
    toTimestamp: ['s.timestamp', '<', TIME],
  },
};

/** What the reading routes work with. */
export interface ReadParts extends SingleParts {
  readonly clickhouse: ClickHouse;
}

/**
 * Adds the reads of ClickHouse, and `POST /api/public/{scores,traces}`, which share their paths. Lists show the
 * newest row of each entity; their `totalItems` counts all rows, those not yet merged away too, as in Langfuse.
 */
export function addReadRoutes(app: FastifyInstance, parts: ReadParts): void {
  const { clickhouse, ingester } = parts;
  authedRoute(app, parts, '/api/public/traces', {
    GET: (call) => listTraces(call, clickhouse),
    POST: (call) => postTrace(call, ingester),
  });
  authedRoute(app, parts, '/api/public/traces/:traceId', { GET: (call) => oneTrace(call, clickhouse) });
  authedRoute(app, parts, '/api/public/observations', { GET: (call) => listObservations(call, clickhouse) });
  authedRoute(app, parts, '/api/public/scores', {
    GET: (call) => listScores(call, clickhouse),
    POST: (call) => postScore(call, ingester),
  });
}

async function listTraces({ query, scope }: Call, clickhouse: ClickHouse): Promise<object> {
  const given = tracesQuery.parse(query);
  const { where, params } = filter(FILTERS.traces, given, scope.projectId);
  return paged(
    clickhouse,
    given,
    params,
    `SELECT t.*, o.ids AS observations, s.ids AS scores, o.latency / 1000 AS latency, o.cost AS total_cost
     FROM traces t FINAL
     LEFT JOIN (
       SELECT trace_id, groupArray(id) AS ids, sum(total_cost) AS cost,
         date_diff('millisecond', least(min(start_time), min(end_time)), greatest(max(start_time), max(end_time))) AS latency
       FROM observations FINAL WHERE project_id = {projectId: String} GROUP BY trace_id
     ) o ON o.trace_id = t.id
     LEFT JOIN (
       SELECT trace_id, groupUniqArray(id) AS ids FROM scores WHERE project_id = {projectId: String} GROUP BY trace_id
     ) s ON s.trace_id = t.id
     WHERE t.project_id = {projectId: String} ${where} ORDER BY t.timestamp DESC`,
    `SELECT count() AS count FROM traces t WHERE t.project_id = {projectId: String} ${where}`,
    (row) => ({
      ...toTrace(row),
      observations: row.observations,
      scores: row.scores,
      totalCost: Number(row.total_cost ?? 0),
      latency: Number(row.latency ?? 0),
      htmlPath: `/project/${scope.projectId}/traces/${row.id}`,
    }),
  );
}

async function oneTrace({ params, scope }: Call, clickhouse: ClickHouse): Promise<object> {
  const values = { projectId: scope.projectId, traceId: params.traceId };
  const of = (column: string) => `project_id = {projectId: String} AND ${column} = {traceId: String}`;
  const [row] = await clickhouse.query<Row>(
    `SELECT * FROM traces WHERE ${of('id')} ORDER BY event_ts DESC LIMIT 1`,
    values,
  );
  if (!row) throw notFound(`Trace ${params.traceId} not found within authorized project`);
  const newest = 'ORDER BY event_ts DESC LIMIT 1 BY id, project_id';
  const [observationRows, scoreRows] = await Promise.all([
    clickhouse.query<Row>(`SELECT * FROM observations WHERE ${of('trace_id')} ${newest}`, values),
    clickhouse.query<Row>(`SELECT * FROM scores WHERE ${of('trace_id')} ${newest}`, values),
  ]);
  const observations = observationRows.map(toObservation);
  return {
    ...toTrace(row),
    scores: scoreRows.map(toScore),
    observations,
    latency: latencyOf(observations),
    htmlPath: `/project/${scope.projectId}/traces/${row.id}`,
    totalCost: observations.reduce((sum, { calculatedTotalCost }) => sum + (calculatedTotalCost ?? 0), 0),
  };
}

async function listObservations({ query, scope }: Call, clickhouse: ClickHouse): Promise<object> {
  const given = observationsQuery.parse(query);
  const { where, params } = filter(FILTERS.observations, given, scope.projectId);
  return paged(
    clickhouse,
    given,
    params,
    `SELECT * FROM observations o FINAL WHERE o.project_id = {projectId: String} ${where} ORDER BY o.start_time DESC`,
    `SELECT count() AS count FROM observations o WHERE o.project_id = {projectId: String} ${where}`,
    toObservation,
  );
}

/** A score whose trace has no row is not listed. */
async function listScores({ query, scope }: Call, clickhouse: ClickHouse): Promise<object> {
  const given = scoresQuery.parse(query);
  const { where, params } = filter(FILTERS.scores, given, scope.projectId);
  const from = `FROM scores s JOIN traces t ON t.id = s.trace_id AND t.project_id = s.project_id
     WHERE s.project_id = {projectId: String} AND t.project_id = {projectId: String} ${where}`;
  return paged(
    clickhouse,
    given,
    params,
    `SELECT s.*, t.user_id AS user_id, t.tags AS tags, t.environment AS trace_environment ${from}
     ORDER BY s.timestamp DESC, s.event_ts DESC LIMIT 1 BY s.id, s.project_id`,
    `SELECT count() AS count ${from}`,
    (row) => ({
      ...toScore(row),
      trace: { userId: row.user_id, tags: row.tags, environment: row.trace_environment },
    }),
  );
}

/** Runs a list and its count side by side and puts the page's `meta` next to the rows. */
async function paged(
  clickhouse: ClickHouse,
  { page, limit }: { page: number; limit: number },
  params: Record<string, unknown>,
  list: string,
  count: string,
  view: (row: Row) => object,
): Promise<object> {
  const [rows, counts] = await Promise.all([
    clickhouse.query<Row>(`${list} LIMIT {limit: Int32} OFFSET {offset: Int32}`, {
      ...params,
      limit,
      offset: (page - 1) * limit,
    }),
    clickhouse.query<{ count: string }>(count, params),
  ]);
  const totalItems = Number(counts[0]?.count ?? 0);
  const totalPages = Math.ceil(totalItems / limit);
  return { data: rows.map(view), meta: { page, limit, totalItems, totalPages } };
}

function filter(columns: Columns, given: Record<string, unknown>, projectId: string) {
  const set = Object.entries(columns).filter(([name]) => given[name]);
  const where = set.map(([name, [column, operator, type]]) => `AND ${column} ${operator} {${name}: ${type}}`);
  const values = set.map(([name, [, , type]]) => {
    const value = String(given[name]);
    return [name, type === TIME ? toClickHouseTime(new Date(value)) : value];
  });
  return { where: where.join(' '), params: { projectId, ...Object.fromEntries(values) } };
}

/** Seconds from the first start to the last end, or to the last start if nothing has ended. */
function latencyOf(observations: readonly { startTime: Date; endTime: Date | null }[]): number {
  const starts = observations.map(({ startTime }) => startTime.getTime());
  const ends = observations.flatMap(({ endTime }) => (endTime ? [endTime.getTime()] : []));
  const last = ends.length > 0 ? ends : starts;
  return last.length > 0 ? (Math.max(...last) - Math.min(...starts)) / 1000 : 0;
}
