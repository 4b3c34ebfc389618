import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeAny } from 'zod/v3';
import {
  type EventType,
  patchedGeneration,
  patchedSpan,
  postedEvent,
  postedGeneration,
  postedScore,
  postedSpan,
  postedTrace,
} from '../events.ts';
import { authedRoute, type Call, type RouteParts } from './http.ts';
import type { Ingester } from './ingest.ts';

/*
 * Endpoints for one event a request (web/src/pages/api/public/{scores,traces,spans,generations,events} at v3.36.0). Each wraps the body in
 * an event and takes the way of the batches; unlike there, a missing id is made up.
 */

/** What these routes work with. */
export interface SingleParts extends RouteParts {
  readonly ingester: Pick<Ingester, 'ingest'>;
}

/** `POST /api/public/scores`. */
export const postScore = one('score-create', postedScore, (score) => score);
/** `POST /api/public/traces`. */
export const postTrace = one('trace-create', postedTrace, (trace) => trace);

/** Adds `POST` and `PATCH /api/public/{spans,generations}` and `POST /api/public/events`. */
export function addSingleRoutes(app: FastifyInstance, parts: SingleParts): void {
  const { ingester } = parts;
  const postSpan = one('observation-create', postedSpan, (span) => ({ ...span, type: 'SPAN' }));
  const patchSpan = one('observation-update', patchedSpan, ({ spanId, ...span }) => ({
    ...span,
    id: spanId,
    type: 'SPAN',
  }));
  const postGeneration = one('observation-create', postedGeneration, (body) => generation(body));
  const patchGeneration = one('observation-update', patchedGeneration, ({ generationId, ...body }) => ({
    ...generation(body),
    id: generationId,
  }));
  const postEvent = one('observation-create', postedEvent, (event) => ({ ...event, type: 'EVENT' }));
  authedRoute(app, parts, '/api/public/spans', {
    POST: (call) => postSpan(call, ingester),
    PATCH: (call) => patchSpan(call, ingester),
  });
  authedRoute(app, parts, '/api/public/generations', {
    POST: (call) => postGeneration(call, ingester),
    PATCH: (call) => patchGeneration(call, ingester),
  });
  authedRoute(app, parts, '/api/public/events', { POST: (call) => postEvent(call, ingester) });
}

/** Prompt and completion are the input and output of today's events. */
function generation({ prompt, completion, ...rest }: { prompt?: unknown; completion?: unknown }): object {
  return { ...rest, type: 'GENERATION', input: prompt, output: completion };
}

/** A handler that answers `{id}`, or the event's error as the request's. */
function one<Schema extends ZodTypeAny>(
  type: EventType,
  schema: Schema,
  bodyOf: (given: Schema['_output']) => { id?: string | null | undefined },
) {
  return async ({ body, scope, reply }: Call, ingester: Pick<Ingester, 'ingest'>): Promise<unknown> => {
    const given = bodyOf(schema.parse(body));
    const id = given.id || randomUUID();
    const event = { id: randomUUID(), type, timestamp: new Date().toISOString(), body: { ...given, id } };
    const [refused] = (await ingester.ingest([event], scope)).errors;
    if (!refused) return { id };
    await reply.code(refused.status).send({ message: refused.error });
    return undefined;
  };
}
