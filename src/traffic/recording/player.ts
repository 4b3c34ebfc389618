import { z } from 'zod';
import { ChaosError } from '../../base/errors.ts';
import { INGESTION_PATH, SCORES_PATH } from '../../langfuse/endpoints.ts';
import type { IngestionEvent } from '../../langfuse/events.ts';
import { withMark } from '../../langfuse/mark.ts';
import { type PlannedRequest, type Traffic, VIRTUAL_START } from '../request.ts';
import type { RecordedRequest, Recording } from './format.ts';
import { createOwnCopy, type OwnCopy } from './own-copy.ts';

const batchSchema = z.looseObject({
  batch: z.array(
    z.looseObject({
      id: z.string(),
      timestamp: z.string(),
      type: z.string(),
      body: z.record(z.string(), z.unknown()),
    }),
  ),
});
const scoreSchema = z.looseObject({ id: z.string().min(1) });

/** A recorded request that is known to be one that can be played. */
type Playable =
  | {
      readonly path: typeof INGESTION_PATH;
      readonly offsetMs: number;
      readonly body: z.infer<typeof batchSchema>;
    }
  | {
      readonly path: typeof SCORES_PATH;
      readonly offsetMs: number;
      readonly body: z.infer<typeof scoreSchema>;
    };

/**
 * Plays a recording `repeat` times, one after another, `speed` times as fast. Each repeat has ids of its own and its times moved
 * to the traffic's virtual time; distances in time within events stay as they were recorded. Every event gets its mark. The same seed
 * gives the same bytes.
 *
 * @throws ChaosError `E_RECORDING_UNPLAYABLE` for a request that is neither a batch of events nor a score with an id
 */
export function playRecording(
  recording: Recording,
  options: { speed: number; repeat: number; seed: string },
): Traffic {
  const { speed, repeat, seed } = options;
  const requests = recording.requests.map((request, index) => playable(request, index + 1));
  const events = requests.reduce((sum, request) => sum + countEvents(request), 0);
  const lengthMs = lengthOf(requests);
  return {
    requests: play(recording, requests, { speed, repeat, seed, lengthMs }),
    totalEvents: events * repeat,
    marks: events * repeat,
    durationMs: ((repeat - 1) * lengthMs + (requests.at(-1)?.offsetMs ?? 0)) / speed,
  };
}

function* play(
  recording: Recording,
  requests: readonly Playable[],
  options: { speed: number; repeat: number; seed: string; lengthMs: number },
): Generator<PlannedRequest> {
  const { speed, repeat, seed, lengthMs } = options;
  const recordedStart = Date.parse(recording.header.startedAt);
  let sent = 0;
  for (let round = 0; round < repeat; round += 1) {
    const copy = createOwnCopy(`${seed}/${round}`, VIRTUAL_START - recordedStart + round * lengthMs);
    for (const request of requests) {
      const at = (round * lengthMs + request.offsetMs) / speed;
      const own =
        request.path === INGESTION_PATH
          ? ownBatch(request.body, copy, sent)
          : ownScore(request.body, copy, sent);
      yield { at, path: request.path, body: JSON.stringify(own.body), eventIds: own.eventIds };
      sent += own.eventIds.length;
    }
  }
}

function ownBatch(recorded: z.infer<typeof batchSchema>, copy: OwnCopy, firstEvent: number) {
  const batch = recorded.batch.map((event, index) => {
    const own = {
      ...event,
      id: copy.id(event.id),
      timestamp: copy.time(event.timestamp),
      body: copy.body(event.body),
    };
    return withMark(own as IngestionEvent, firstEvent + index);
  });
  return { body: { ...recorded, batch }, eventIds: batch.map((event) => event.id) };
}

/** The score's endpoint takes the body of a `score-create` without an envelope. */
function ownScore(recorded: z.infer<typeof scoreSchema>, copy: OwnCopy, number: number) {
  const id = copy.id(recorded.id);
  const { body } = withMark({ id, timestamp: '', type: 'score-create', body: copy.body(recorded) }, number);
  return { body, eventIds: [id] };
}

function playable(request: RecordedRequest, number: number): Playable {
  const { path, offsetMs } = request;
  if (path === INGESTION_PATH) {
    const body = batchSchema.safeParse(request.body);
    if (body.success) return { path, offsetMs, body: body.data };
    throw unplayable(number, z.prettifyError(body.error).replaceAll('\n', ' '));
  }
  if (path === SCORES_PATH) {
    const body = scoreSchema.safeParse(request.body);
    if (body.success) return { path, offsetMs, body: body.data };
    throw unplayable(number, 'a score without an id, which could not be found again');
  }
  throw unplayable(number, `requests to ${path} can be recorded, not yet played`);
}

function countEvents(request: Playable): number {
  return request.path === INGESTION_PATH ? request.body.batch.length : 1;
}

/** The recording's length with the pause before it begins again: as long as its mean distance between two requests. */
function lengthOf(requests: readonly Playable[]): number {
  const last = requests.at(-1)?.offsetMs ?? 0;
  return Math.ceil(last + last / Math.max(1, requests.length - 1));
}

function unplayable(number: number, why: string): ChaosError {
  return new ChaosError({
    code: 'E_RECORDING_UNPLAYABLE',
    happened: `Request ${number} of the recording cannot be played: ${why}.`,
    expected: `batches for ${INGESTION_PATH} and scores with an id for ${SCORES_PATH}`,
    remedy: 'record the traffic of a Langfuse SDK of version 2 or 3, which sends such batches.',
  });
}
