import { randomUUID } from 'node:crypto';
import type { EntityType, IngestionEvent, ObservationEvent, ScoreEvent, TraceEvent } from '../events.ts';
import type { Postgres } from '../postgres.ts';
import { TRACE_UPSERT_JOB, type TraceUpsertJob } from '../queues.ts';
import { checkScoreConfig, findModel, findPrompt, upsertSession } from './lookups.ts';
import { lastTruthy, mergeObservations, mergeScores, mergeTraces, sortByTime } from './merge.ts';
import { type EntityReader, earliest } from './read.ts';
import type { ObservationRow, TraceRow } from './rows.ts';
import { finalCosts, finalUsage } from './usage.ts';
import { type Entity, observationType, observationVersion, scoreVersion, traceVersion } from './versions.ts';
import type { ClickHouseWriter } from './writer.ts';

/** What merging works with. */
export interface EntityParts {
  readonly reader: Pick<EntityReader, 'read'>;
  readonly writer: Pick<ClickHouseWriter, 'add'>;
  readonly postgres: Postgres;
  readonly traceUpserts: { add(name: typeof TRACE_UPSERT_JOB, job: TraceUpsertJob): Promise<unknown> };
}

/** Merges all events of an entity with its stored row and hands the result to the writer. */
export class EntityMerger {
  readonly #parts: EntityParts;

  constructor(parts: EntityParts) {
    this.#parts = parts;
  }

  /** @param created when the first object of the entity was written, for an entity that has no row yet */
  async mergeAndWrite(
    type: EntityType,
    entity: Entity,
    events: readonly IngestionEvent[],
    created: Date,
  ): Promise<void> {
    // The folder in S3 decides what the events are; they are not looked at again.
    if (type === 'trace') await this.#trace(entity, events as TraceEvent[], created);
    else if (type === 'score') await this.#score(entity, events as ScoreEvent[], created);
    else await this.#observation(entity, events as ObservationEvent[], created);
  }

  async #trace(entity: Entity, events: readonly TraceEvent[], created: Date): Promise<void> {
    const { reader, writer, postgres, traceUpserts } = this.#parts;
    const sorted = sortByTime(events);
    const since = earliest(
      'timestamp',
      sorted.map(({ body }) => body.timestamp),
    );
    const stored = await reader.read('traces', entity, { since });
    const versions = sorted.map((event) => traceVersion(event, entity));
    const row: TraceRow = {
      ...mergeTraces(stored ? [stored, ...versions] : versions, Date.now()),
      created_at: stored?.created_at ?? created.getTime(),
      ...contents(sorted, stored),
    };
    if (row.session_id) await upsertSession(postgres, entity.projectId, row.session_id);
    writer.add('traces', row);
    // If this fails the job is run again, although the row is on its way.
    await traceUpserts.add(TRACE_UPSERT_JOB, {
      id: randomUUID(),
      timestamp: new Date(),
      name: TRACE_UPSERT_JOB,
      payload: { projectId: row.project_id, traceId: row.id },
    });
  }

  async #score(entity: Entity, events: readonly ScoreEvent[], created: Date): Promise<void> {
    const { reader, writer, postgres } = this.#parts;
    const sorted = sortByTime(events);
    const since = earliest(
      'timestamp',
      sorted.map(({ timestamp }) => timestamp),
    );
    const [stored, versions] = await Promise.all([
      reader.read('scores', entity, { since }),
      Promise.all(
        sorted.map(async (event) => {
          await checkScoreConfig(postgres, entity.projectId, event);
          return scoreVersion(event, entity);
        }),
      ),
    ]);
    const row = mergeScores(stored ? [stored, ...versions] : versions, Date.now());
    writer.add('scores', { ...row, created_at: stored?.created_at ?? created.getTime() });
  }

  async #observation(entity: Entity, events: readonly ObservationEvent[], created: Date): Promise<void> {
    const { reader, writer, postgres } = this.#parts;
    const [first] = events;
    if (!first) return;
    const sorted = sortByTime(events);
    const since = earliest(
      'start_time',
      events.map(({ body }) => body.startTime),
    );
    const [stored, prompt] = await Promise.all([
      reader.read('observations', entity, { since, type: observationType(first) }),
      findPrompt(postgres, entity.projectId, events),
    ]);
    const versions = sorted.map((event) => observationVersion(event, entity, prompt));
    const merged = mergeObservations(stored ? [stored, ...versions] : versions, Date.now());
    const modelId = await findModel(postgres, entity.projectId, merged.provided_model_name);
    const row: ObservationRow = {
      ...merged,
      created_at: stored?.created_at ?? created.getTime(),
      level: merged.level ?? 'DEFAULT',
      ...contents(sorted, stored),
      ...finalUsage(merged.provided_usage_details),
      ...finalCosts(merged.provided_cost_details),
      internal_model_id: modelId,
    };
    if (!row.trace_id) {
      writer.add('traces', traceAround(row));
      row.trace_id = row.id;
    }
    writer.add('observations', row);
  }
}

/** Input and output of the merged entity. */
function contents(
  sorted: readonly { body: { input?: unknown; output?: unknown } }[],
  stored: TraceRow | ObservationRow | undefined,
) {
  return {
    input: lastTruthy(
      sorted.map(({ body }) => body.input),
      stored?.input,
    ),
    output: lastTruthy(
      sorted.map(({ body }) => body.output),
      stored?.output,
    ),
  };
}

/** The trace for an observation with an empty trace id, as very old clients sent them. */
function traceAround(row: ObservationRow): object {
  return {
    id: row.id,
    timestamp: row.start_time,
    project_id: row.project_id,
    environment: row.environment,
    created_at: Date.now(),
    updated_at: Date.now(),
    metadata: {},
    tags: [],
    bookmarked: false,
    public: false,
    event_ts: Date.now(),
    is_deleted: 0,
  };
}
