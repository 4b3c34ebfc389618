import type { Worker } from 'bullmq';
import { entityTypeOf } from '../events.ts';
import type { IngestionJob } from '../queues.ts';
import { type EntityKey, MUCH_LATER, type Plant, picks } from './plant.ts';

/** Works off one job. */
type Process = (job: IngestionJob) => Promise<void>;

/** What a worker's way of working off a job becomes with the defects of jobs. */
export function plantInJobs(process: Process, plant: Plant | undefined): Process {
  const body = plant && BODIES[plant.defect];
  return body ? (job) => body(job, process, plant) : process;
}

type Body = (job: IngestionJob, process: Process, plant: Plant) => Promise<void>;

const BODIES: Partial<Record<Plant['defect'], Body>> = {
  'fail-for-ever': async (job, process, plant) => {
    if (!picks(idOf(job), 8)) return process(job);
    plant.hit(entityOf(job));
    throw new Error('Planted: this job never succeeds');
  },
  'hide-delayed-jobs': async (job, process, plant) => {
    if (isReplay(job) || !picks(idOf(job), 4)) return process(job);
    plant.hit(entityOf(job));
    setTimeout(() => void process(job).catch(() => {}), MUCH_LATER).unref();
  },
  // Which of them are removed from the failed set is decided there.
  'evict-from-failed-set': async (job, process) => {
    if (!picks(idOf(job), 4)) return process(job);
    throw new Error('Planted: this job never succeeds');
  },
  'replay-skips': async (job, process, plant) => {
    if (!isReplay(job)) return loseSome(job, process);
    if (!picks(idOf(job), 8)) return process(job);
    plant.hit(entityOf(job));
  },
  'replay-does-nothing': async (job, process, plant) => {
    if (!isReplay(job)) return loseSome(job, process);
    if (picks(idOf(job), 4)) plant.hit(entityOf(job));
  },
  // Each row of a replayed entity is doubled where rows are written.
  'replay-doubles': async (job, process, plant) => {
    if (!isReplay(job)) return loseSome(job, process);
    plant.hit(entityOf(job));
    await process(job);
  },
};

/** Jobs that are lost, so that there is something to replay. */
async function loseSome(job: IngestionJob, process: Process): Promise<void> {
  if (!picks(idOf(job), 4)) await process(job);
}

/** Removes each job of some entities from the failed set, as if that were full. */
export function plantInConsumer(
  worker: Worker<IngestionJob>,
  plant: Plant | undefined,
): Worker<IngestionJob> {
  if (plant?.defect !== 'evict-from-failed-set') return worker;
  return worker.on('failed', (job) => {
    const isFinal = job !== undefined && job.attemptsMade >= (job.opts.attempts ?? 1);
    if (!isFinal || !picks(idOf(job.data), 8)) return;
    plant.hit(entityOf(job.data));
    void job.remove();
  });
}

const idOf = (job: IngestionJob): string => job.payload.data.eventBodyId;

const entityOf = (job: IngestionJob): EntityKey =>
  `${entityTypeOf(job.payload.data.type)}/${job.payload.data.eventBodyId}`;

/** A job added by hand names no object; web's own always do. */
const isReplay = (job: IngestionJob): boolean => job.payload.data.fileKey === undefined;
