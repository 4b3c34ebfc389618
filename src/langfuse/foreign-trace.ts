import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Access } from './access.ts';
import { KEY_PREFIX, MARKED_ATTRIBUTE, TRACE_KEY_PREFIX } from './mark.ts';

/** What ClickHouse says of itself and of a project. */
export interface ProjectLook {
  readonly clickhouseVersion: string;
  /** One trace of the project that the harness has not sent; undefined where there is none. */
  readonly foreign?: { readonly id: string; readonly name: string };
}

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Looks whether a project holds traces that the harness has not sent: those in which neither the trace nor one of its observations carries
 * a mark of the harness, and which are not named as its probes are. Reads only.
 *
 * @throws ChaosError `E_CLICKHOUSE`
 */
export async function lookAtProject(access: Access['clickhouse'], projectId: string): Promise<ProjectLook> {
  await using client = createClient({
    ...access,
    application: 'langfuse-chaos',
    request_timeout: REQUEST_TIMEOUT_MS,
    log: { level: ClickHouseLogLevel.OFF },
  });
  const ask = async <Row>(query: string): Promise<Row[]> => {
    try {
      const result = await client.query({
        query,
        format: 'JSONEachRow',
        query_params: { projectId, marks: [KEY_PREFIX, TRACE_KEY_PREFIX], attribute: MARKED_ATTRIBUTE },
      });
      return await result.json<Row>();
    } catch (error) {
      throw new ChaosError({
        code: 'E_CLICKHOUSE',
        happened: `ClickHouse could not be read: ${messageOf(error).trim().replace(/\.$/, '')}.`,
        remedy:
          'see whether ClickHouse runs, takes this user and password, and lets it read the tables of Langfuse.',
        cause: error,
      });
    }
  };
  const [version] = await ask<{ version: string }>('SELECT version() AS version');
  const tables = await ask<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN ('traces', 'events_full')`,
  );
  const own = 'project_id = {projectId: String}';
  const anyMarked = (keys: string) =>
    `arrayExists(key -> arrayExists(mark -> startsWith(key, mark), {marks: Array(String)}), ${keys})`;
  // v3.36.0 keeps a span's attributes as one text.
  const marked = `(${anyMarked('mapKeys(metadata)')} OR match(metadata['attributes'], {attribute: String}))`;
  const lookIn = async (name: string, query: string) =>
    tables.some((table) => table.name === name) ? await ask<{ id: string; name: string }>(query) : [];
  const [foreign] = [
    ...(await lookIn(
      'traces',
      `SELECT id, name FROM traces WHERE ${own} AND NOT startsWith(name, 'probe: ') AND NOT ${marked}
        AND id NOT IN (SELECT assumeNotNull(trace_id) FROM observations WHERE ${own} AND ${marked}) LIMIT 1`,
    )),
    ...(await lookIn(
      'events_full',
      `SELECT trace_id AS id, name FROM events_full WHERE ${own} AND NOT startsWith(name, 'probe: ')
        AND trace_id NOT IN (SELECT trace_id FROM events_full WHERE ${own} AND ${anyMarked('metadata_names')}) LIMIT 1`,
    )),
  ];
  return { clickhouseVersion: version?.version ?? '', ...(foreign ? { foreign } : {}) };
}
