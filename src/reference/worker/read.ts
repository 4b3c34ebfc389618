import { type ClickHouse, toClickHouseTime } from '../clickhouse.ts';
import type { WorkerEnv } from '../env.ts';
import type { Postgres } from '../postgres.ts';
import { projectCreated } from './lookups.ts';
import { fromStored, type RowOf } from './rows.ts';
import type { Entity } from './versions.ts';

/** Narrows the read of an entity to where its row must be. */
export interface ReadFilter {
  /** Column of the time, and the earliest time that the events name; left out if they name none. */
  readonly since?: { readonly column: string; readonly time: Date } | undefined;
  /** Type of an observation; part of its key. */
  readonly type?: string;
}

/**
 * The read before the write: without it an update would wipe out what older events said. It is what makes jobs fail,
 * and so be retried, while ClickHouse is away; where it is skipped, rows are dropped instead.
 */
export class EntityReader {
  readonly #clickhouse: ClickHouse;
  readonly #postgres: Postgres;
  readonly #skipped: readonly string[];
  readonly #cutoff: string | undefined;
  readonly #skip = new Map<string, boolean>();

  constructor(env: WorkerEnv, clickhouse: ClickHouse, postgres: Postgres) {
    this.#clickhouse = clickhouse;
    this.#postgres = postgres;
    this.#skipped = env.LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_PROJECT_IDS.split(',');
    this.#cutoff = env.LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_MIN_PROJECT_CREATE_DATE;
  }

  /** The newest stored row of an entity; undefined if there is none or reading is skipped for the project. */
  async read<Name extends keyof RowOf>(
    table: Name,
    entity: Entity,
    { since, type }: ReadFilter,
  ): Promise<RowOf[Name] | undefined> {
    if (await this.#isSkipped(entity.projectId)) return undefined;
    const [row] = await this.#clickhouse.query<Record<string, unknown>>(
      `SELECT * FROM ${table} WHERE project_id = {projectId: String} AND id = {id: String}
       ${type ? 'AND type = {type: String}' : ''}
       ${since ? `AND ${since.column} >= {since: DateTime64(3)}` : ''}
       ORDER BY event_ts DESC LIMIT 1 BY id, project_id SETTINGS use_query_cache = false`,
      {
        projectId: entity.projectId,
        id: entity.id,
        ...(type ? { type } : {}),
        ...(since ? { since: toClickHouseTime(since.time) } : {}),
      },
    );
    return row ? fromStored<Name>(row) : undefined;
  }

  async #isSkipped(projectId: string): Promise<boolean> {
    if (this.#skipped.includes(projectId)) return true;
    if (!this.#cutoff) return false;
    const known = this.#skip.get(projectId);
    if (known !== undefined) return known;
    const skip = (await projectCreated(this.#postgres, projectId)) >= new Date(this.#cutoff);
    this.#skip.set(projectId, skip);
    return skip;
  }
}

/** The earliest of some times; undefined if there is none. */
export function earliest(column: string, times: readonly (string | null | undefined)[]): ReadFilter['since'] {
  const known = times.flatMap((time) => (time ? [Date.parse(time)] : []));
  return known.length > 0 ? { column, time: new Date(Math.min(...known)) } : undefined;
}
