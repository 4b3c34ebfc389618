import { randomUUID } from 'node:crypto';
import type { WorkerEnv } from '../env.ts';
import { type EntityType, entityTypeOf, type IngestionEvent } from '../events.ts';
import type { Postgres } from '../postgres.ts';
import type { IngestionJob, TraceUpsertJob } from '../queues.ts';
import type { StoredFile } from '../s3.ts';
import { folderOf, parseKey } from '../safe-keys.ts';
import { type Patience, patiently } from '../safe-patience.ts';
import type { Table } from '../tables.ts';
import { EntityMerger } from './entities.ts';
import type { EntityReader } from './read.ts';
import type { RowOf } from './rows.ts';
import type { PatientStore } from './safe-stores.ts';
import { Turns } from './safe-turns.ts';
import { NotStored, type SafeWriter, type Unit } from './safe-writer.ts';

/** Objects that are downloaded at once, for one entity. */
const PARALLEL_DOWNLOADS = 20;
/** Objects that are remembered as landed. */
const MOST_REMEMBERED = 100_000;

/** What jobs work with. */
export interface SafeJobParts {
  readonly env: WorkerEnv;
  readonly store: Pick<PatientStore, 'listAll' | 'get'>;
  readonly reader: Pick<EntityReader, 'read'>;
  readonly writer: Pick<SafeWriter, 'write'>;
  readonly postgres: Postgres;
  readonly patience: Patience;
  readonly traceUpserts: { add(name: 'trace-upsert', job: TraceUpsertJob): Promise<unknown> };
}

/**
 * Ingestion jobs. One resolves when its rows, and after them the names of their objects in `event_log`, are stored in
 * ClickHouse; so what a killed worker had in hand is done again. Entities are merged one run at a time.
 */
export class SafeJobs {
  readonly #parts: SafeJobParts;
  readonly #turns = new Turns<ReadonlySet<string>>();
  readonly #landed = new Set<string>();

  constructor(parts: SafeJobParts) {
    this.#parts = parts;
  }

  /** @throws what a wait does not cure: an object that is gone or no JSON, a row that can't be made or stored */
  async process(job: IngestionJob): Promise<void> {
    const { type, eventBodyId, fileKey } = job.payload.data;
    const { projectId } = job.payload.authCheck.scope;
    const kind = entityTypeOf(type);
    const prefix = this.#parts.env.LANGFUSE_S3_EVENT_UPLOAD_PREFIX;
    const folder = folderOf(prefix, projectId, kind, eventBodyId);
    const own = fileKey === undefined ? undefined : `${folder}${fileKey}.json`;
    if (own !== undefined && this.#landed.has(own)) return;
    const merge = () => this.#merge(folder, { projectId, id: eventBodyId }, kind);
    // Merged anew each time: by then there may be more to merge.
    const isHopeless = (error: unknown) => !(error instanceof NotStored);
    const merged = await this.#turns.take(folder, () =>
      patiently('An insert', merge, { ...this.#parts.patience, isHopeless }),
    );
    // A listing may lag, or be cut short: what was not in it has not landed.
    if (merged.size === 0 || (own !== undefined && !merged.has(own))) {
      throw new Error(`The listing of ${folder} lacks ${own ?? 'every object'}`);
    }
  }

  /** Makes nobody rely on what has landed so far: ClickHouse may have lost it. */
  forget(): void {
    this.#landed.clear();
  }

  /** Merges all events of an entity. @returns the keys of the objects that they were in */
  async #merge(
    folder: string,
    entity: { projectId: string; id: string },
    kind: EntityType,
  ): Promise<ReadonlySet<string>> {
    // Taken before the listing: of two runs the one that began later knows all that the other knew.
    const begun = Date.now();
    const files: StoredFile[] = [];
    for await (const page of this.#parts.store.listAll(folder)) files.push(...page);
    const events = await this.#download(files);
    if (events.length === 0) return new Set();
    const outcome = new Outcome(begun, this.#parts.reader);
    const merger = new EntityMerger({
      postgres: this.#parts.postgres,
      reader: outcome,
      writer: outcome,
      traceUpserts: { add: async (_name, job) => outcome.upserts.push(job) },
    });
    await merger.mergeAndWrite(kind, entity, events, firstWritten(files));
    const fresh = files.filter(({ key }) => !this.#landed.has(key));
    await this.#parts.writer.write({
      rows: outcome.rows,
      ledger: fresh.flatMap(({ key }) => this.#ledgerRow(key)),
    });
    if (this.#landed.size > MOST_REMEMBERED) this.#landed.clear();
    for (const { key } of fresh) this.#landed.add(key);
    for (const upsert of outcome.upserts) await this.#parts.traceUpserts.add('trace-upsert', upsert);
    return new Set(files.map(({ key }) => key));
  }

  async #download(files: readonly StoredFile[]): Promise<IngestionEvent[]> {
    const events: IngestionEvent[] = [];
    for (let at = 0; at < files.length; at += PARALLEL_DOWNLOADS) {
      const texts = await Promise.all(
        files.slice(at, at + PARALLEL_DOWNLOADS).map(({ key }) => this.#parts.store.get(key)),
      );
      events.push(...texts.flatMap((text) => JSON.parse(text) as IngestionEvent[]));
    }
    return events;
  }

  #ledgerRow(key: string): object[] {
    const env = this.#parts.env;
    const object = parseKey(env.LANGFUSE_S3_EVENT_UPLOAD_PREFIX, key);
    if (!object) return [];
    return [
      {
        id: randomUUID(),
        project_id: object.projectId,
        entity_type: object.kind,
        entity_id: object.entityId,
        event_id: object.name,
        bucket_name: env.LANGFUSE_S3_EVENT_UPLOAD_BUCKET,
        bucket_path: key,
        created_at: Date.now(),
        updated_at: Date.now(),
      },
    ];
  }
}

/** What a merge reads and makes. It stands in for the reader, the writer and the queue that the merge hands its results to. */
class Outcome {
  readonly upserts: TraceUpsertJob[] = [];
  readonly #begun: number;
  readonly #reader: Pick<EntityReader, 'read'>;
  readonly #rows: { table: Table; row: object }[] = [];
  /** Version of the stored row, milliseconds. */
  #storedVersion = 0;

  constructor(begun: number, reader: Pick<EntityReader, 'read'>) {
    this.#begun = begun;
    this.#reader = reader;
  }

  /** Looks for the stored row whatever its time: a row that is not found would be overwritten without being merged. */
  async read<Name extends keyof RowOf>(
    table: Name,
    entity: Parameters<EntityReader['read']>[1],
    { type }: Parameters<EntityReader['read']>[2],
  ): Promise<RowOf[Name] | undefined> {
    const row = await this.#reader.read(table, entity, type ? { type } : {});
    this.#storedVersion = row?.event_ts ?? 0;
    return row;
  }

  add(table: Table, row: object): void {
    this.#rows.push({ table, row });
  }

  /**
   * The rows with their version: when the run began, and above that of the row that it was merged with, so that
   * neither a slow run nor a clock that was ahead makes an older state win.
   */
  get rows(): Unit['rows'] {
    const version = Math.max(this.#begun, this.#storedVersion + 1);
    return this.#rows.map(({ table, row }) => ({ table, row: { ...row, event_ts: version } }));
  }
}

function firstWritten(files: readonly StoredFile[]): Date {
  return new Date(Math.min(...files.map(({ modified }) => modified.getTime())));
}
