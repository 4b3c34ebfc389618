import { z } from 'zod';
import { ChaosError } from '../../base/errors.ts';
import { INGESTION_PATH, SCORES_PATH, SPANS_PATH } from '../../langfuse/endpoints.ts';
import type { IngestionEvent } from '../../langfuse/events.ts';
import { withMark, withSpanMarks } from '../../langfuse/mark.ts';
import { type ExportedSpan, type ExportedSpans, parseExport, spansOf } from '../../langfuse/otlp.ts';
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
    }
  | { readonly path: typeof SPANS_PATH; readonly offsetMs: number; readonly body: ExportedSpans };

/**
 * Plays a recording `repeat` times, one after another, `speed` times as fast. Each repeat has ids of its own and its times moved
 * to the traffic's virtual time; distances in time within events stay as they were recorded. Every event gets its mark. The same seed
 * gives the same bytes.
 *
 * Spans are always sent as OTLP/JSON, also where they were recorded from protobuf.
 *
 * @throws ChaosError `E_RECORDING_UNPLAYABLE` for a request that is no batch of events, no spans and no score with an id
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
    marks: repeat * requests.reduce((sum, request) => sum + countMarks(request), 0),
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
  let marks = 0;
  for (let round = 0; round < repeat; round += 1) {
    const copy = createOwnCopy(`${seed}/${round}`, VIRTUAL_START - recordedStart + round * lengthMs);
    for (const request of requests) {
      const at = (round * lengthMs + request.offsetMs) / speed;
      const own = ownRequest(request, copy, marks);
      yield { at, path: request.path, body: JSON.stringify(own.body), eventIds: own.eventIds };
      marks += countMarks(request);
    }
  }
}

interface OwnRequest {
  readonly body: unknown;
  readonly eventIds: string[];
}

/** @param mark number of the first mark in it */
function ownRequest(request: Playable, copy: OwnCopy, mark: number): OwnRequest {
  if (request.path === INGESTION_PATH) return ownBatch(request.body, copy, mark);
  return request.path === SPANS_PATH
    ? ownSpans(request.body, copy, mark)
    : ownScore(request.body, copy, mark);
}

function ownBatch(recorded: z.infer<typeof batchSchema>, copy: OwnCopy, mark: number): OwnRequest {
  const batch = recorded.batch.map((event, index) => {
    const own = {
      ...event,
      id: copy.id(event.id),
      timestamp: copy.time(event.timestamp),
      body: copy.body(event.body),
    };
    return withMark(own as IngestionEvent, mark + index);
  });
  return { body: { ...recorded, batch }, eventIds: batch.map((event) => event.id) };
}

function ownSpans(recorded: ExportedSpans, copy: OwnCopy, mark: number): OwnRequest {
  const eventIds: string[] = [];
  const own = (span: ExportedSpan) => {
    const at = mark + 2 * eventIds.length;
    const copied = copy.span(span);
    eventIds.push(copied.spanId);
    return withSpanMarks(copied, at, copied.parentSpanId ? undefined : at + 1);
  };
  const resourceSpans = recorded.resourceSpans.map(({ scopeSpans, ...resource }) => ({
    ...resource,
    scopeSpans: (scopeSpans ?? []).map(({ spans, ...scope }) => ({
      ...scope,
      spans: (spans ?? []).map(own),
    })),
  }));
  return { body: { ...recorded, resourceSpans }, eventIds };
}

/** The score's endpoint takes the body of a `score-create` without an envelope. */
function ownScore(recorded: z.infer<typeof scoreSchema>, copy: OwnCopy, mark: number): OwnRequest {
  const id = copy.id(recorded.id);
  const { body } = withMark({ id, timestamp: '', type: 'score-create', body: copy.body(recorded) }, mark);
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
  if (path === SPANS_PATH) {
    const body = parseExport(request.body);
    if (body) return { path, offsetMs, body };
    throw unplayable(number, 'spans that can’t be read as OTLP/JSON');
  }
  throw unplayable(number, `requests to ${path} can be recorded, not yet played`);
}

function countEvents(request: Playable): number {
  if (request.path === SPANS_PATH) return spansOf(request.body).length;
  return request.path === INGESTION_PATH ? request.body.batch.length : 1;
}

/** A span has two numbers: its own and, where it is a root span, that of its trace. */
function countMarks(request: Playable): number {
  return request.path === SPANS_PATH ? 2 * countEvents(request) : countEvents(request);
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
    expected: `batches for ${INGESTION_PATH}, spans for ${SPANS_PATH} and scores with an id for ${SCORES_PATH}`,
    remedy: 'record the traffic of a Langfuse SDK, which sends such requests.',
  });
}
