import type { Clock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import type { QueueDepths } from '../history/run-record.ts';
import type { HistoryWriter } from '../history/writer.ts';
import type { Target } from '../langfuse/access.ts';
import type { EntityKey } from '../langfuse/events.ts';
import type { IngestionQueue } from '../langfuse/queue.ts';
import type { QueuedJob } from '../langfuse/queued-jobs.ts';
import { entitiesOfBody, type SpanForm } from '../langfuse/span-events.ts';
import type { RawEvents } from '../langfuse/storage.ts';
import type { RowFilter, Tables } from '../langfuse/tables.ts';
import type { Traffic } from '../traffic/request.ts';
import { OwnSpans } from './own-spans.ts';

/** Everything that a run reads and writes of a target. */
export interface Parts {
  readonly queue: IngestionQueue;
  readonly tables: Tables;
  readonly rawEvents: RawEvents;
  readonly history: HistoryWriter;
}

/** Ids of one query. */
const SLICE = 2000;
/** Milliseconds that a clock of the target may be behind ours. */
const CLOCKS_APART_MS = 300_000;
/** Jobs are read at most for this share of the time: others work with this Redis. */
const READING_SHARE = 0.1;

/**
 * The parts of a target that others use as well, with only what belongs to this run in them: rows, objects and jobs of the entities that
 * it has sent, in its own project. What others write is neither read nor counted, so rows that nobody sent can't be found there. What is
 * done to the failed set is restricted where it is done.
 */
export function ownPart(
  { queue, tables, rawEvents, history }: Parts,
  projectId: string,
  clock: Clock,
  form: SpanForm,
): Parts {
  const own = new Set<EntityKey>();
  const ownSpans = new OwnSpans(rawEvents, own);
  const earliest = clock.now() - CLOCKS_APART_MS;
  const mayBeOwn = ({ entity, object, projectId: of }: QueuedJob) =>
    of === projectId && (entity ? own.has(entity) : object !== undefined);
  const jobs = () => ownSpans.only(only(queue.jobs(), mayBeOwn), ({ object }) => object);
  return {
    queue: { ...queue, jobs, depths: ownDepths(queue, jobs, clock) },
    tables: ownRows(tables, projectId, own, earliest),
    rawEvents: {
      ...rawEvents,
      list: () => only(rawEvents.list(projectId), ({ entity }) => own.has(entity)),
      listSpans: () =>
        ownSpans.only(
          only(rawEvents.listSpans(projectId), ({ lastModified }) => lastModified >= earliest),
          ({ key }) => key,
        ),
    },
    history: {
      ...history,
      sent(line) {
        for (const entity of entitiesOfBody(JSON.parse(line.bodyJson), form)) own.add(entity);
        return history.sent(line);
      },
    },
  };
}

async function* only<Item>(
  items: AsyncIterable<Item>,
  isWanted: (item: Item) => boolean,
): AsyncGenerator<Item> {
  for await (const item of items) if (isWanted(item)) yield item;
}

/** The depths of the own jobs. None is looked at where there is none at all; otherwise the last look stands in while it would be too often. */
function ownDepths(queue: IngestionQueue, jobs: () => AsyncIterable<QueuedJob>, clock: Clock) {
  let last: QueueDepths | undefined;
  let again = 0;
  return async (): Promise<QueueDepths> => {
    const all = await queue.depths();
    if (all.waiting + all.active + all.delayed + all.failed === 0) return all;
    if (last && clock.now() < again) return last;
    const startedAt = clock.now();
    const depths = { ...all, waiting: 0, active: 0, delayed: 0, failed: 0 };
    for await (const { state } of jobs()) depths[state] += 1;
    again = clock.now() + (clock.now() - startedAt) / READING_SHARE;
    // A queue that was seen empty is looked at anew: that alone may end a wait.
    last = depths.waiting + depths.active + depths.delayed > 0 ? depths : undefined;
    return depths;
  };
}

function ownRows(tables: Tables, projectId: string, own: ReadonlySet<EntityKey>, startedAt: number): Tables {
  const marks = async (since: number) =>
    (await tables.newMarks(projectId, since)).filter(({ entity }) => own.has(entity));
  return {
    ...tables,
    async *readRows(filter: RowFilter = {}) {
      const ids = filter.ids ?? [...new Set([...own].map((entity) => entity.slice(entity.indexOf('/') + 1)))];
      for (let at = 0; at < ids.length; at += SLICE) {
        for await (const row of tables.readRows({ ...filter, projectId, ids: ids.slice(at, at + SLICE) }))
          if (own.has(`${row.kind}/${row.id}`)) yield row;
      }
    },
    newMarks: (_projectId, since) => marks(since),
    rowCounts: () => tables.rowCounts(projectId),
    // The project's changes with everybody's rows; what has landed of the own ones only grows.
    fingerprint: async () => {
      const landed = await marks(startedAt);
      return String(new Set(landed.flatMap(({ entity, marks }) => [entity, ...marks])).size);
    },
  };
}

/** Entities of a run's traffic that are looked up beforehand: the same seed has the same from the first one on. */
const LOOKED_UP = 500;

/**
 * Refuses traffic that was sent to a project before, as it is when a seed is repeated: what has landed then would be taken for landed
 * now, and the run would prove nothing.
 *
 * @throws ChaosError `E_SENT_BEFORE`
 */
export async function requireUnsent(
  { requests }: Pick<Traffic, 'requests'>,
  tables: Pick<Tables, 'readRows'>,
  { projectId }: Pick<Target, 'projectId'>,
  form: SpanForm,
): Promise<void> {
  const ids = new Set<string>();
  for (const { body } of requests) {
    for (const entity of entitiesOfBody(JSON.parse(body), form))
      ids.add(entity.slice(entity.indexOf('/') + 1));
    if (ids.size >= LOOKED_UP) break;
  }
  for await (const { kind, id } of tables.readRows({ projectId, ids: [...ids] })) {
    throw new ChaosError({
      code: 'E_SENT_BEFORE',
      happened: `The project ${projectId} holds ${kind} ${id}, which this run would send: the same traffic was sent there before.`,
      expected:
        'a seed that was not used in this project yet, for what has landed earlier would be taken for landed now',
      remedy: 'run again without --seed, or with another.',
    });
  }
}
