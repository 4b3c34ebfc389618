import type { EntityKey } from '../langfuse/events.ts';
import type { IngestionQueue } from '../langfuse/queue.ts';
import type { JobState } from '../langfuse/queued-jobs.ts';
import type { RawEvents } from '../langfuse/storage.ts';

/** Objects of spans that are read at once. */
const SLICE = 100;

/** A job, by one of the entities that it is for. */
export interface JobOfEntity {
  readonly entity: EntityKey;
  readonly state: JobState;
}

/**
 * The queued jobs of a project by the entities that they are for. A job for spans names only the object in which they are, so that is read;
 * one whose object is gone is for nothing.
 *
 * @throws ChaosError `E_REDIS` or `E_S3` when one of them can't be asked
 */
export async function* jobsByEntity(
  queue: Pick<IngestionQueue, 'jobs'>,
  rawEvents: Pick<RawEvents, 'readSpans'>,
  projectId: string,
): AsyncGenerator<JobOfEntity> {
  let ofSpans: { readonly object: string; readonly state: JobState }[] = [];
  for await (const { entity, object, state, projectId: own } of queue.jobs()) {
    if (entity) yield { entity, state };
    if (object === undefined || own !== projectId) continue;
    ofSpans.push({ object, state });
    if (ofSpans.length < SLICE) continue;
    yield* readObjects(rawEvents, ofSpans);
    ofSpans = [];
  }
  yield* readObjects(rawEvents, ofSpans);
}

async function* readObjects(
  rawEvents: Pick<RawEvents, 'readSpans'>,
  jobs: readonly { readonly object: string; readonly state: JobState }[],
): AsyncGenerator<JobOfEntity> {
  const contents = await rawEvents.readSpans(jobs.map(({ object }) => object));
  for (const [index, { state }] of jobs.entries()) {
    const content = contents[index];
    if (!content || !('tracks' in content)) continue;
    for (const { entity } of content.tracks) yield { entity, state };
  }
}
