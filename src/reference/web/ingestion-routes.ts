import type { FastifyInstance, FastifyReply } from 'fastify';
import { ApiError, methodNotAllowed, PostgresError, unauthorized } from '../errors.ts';
import { ingestionBody } from '../events.ts';
import type { Logger } from '../log.ts';
import { authedRoute, type Call, parseBodyOrAnswer } from './http.ts';
import type { Ingester } from './ingest.ts';
import { toIngestionEvents } from './otel.ts';
import { readSpans } from './otlp-body.ts';
import { addSingleRoutes, type SingleParts } from './single-routes.ts';

/** Body limit of the batch endpoint, bytes: 4.5 MB. */
const BATCH_LIMIT = 4.5 * 1024 * 1024;

/** Adds `POST /api/public/ingestion`, `POST /api/public/otel/v1/traces`, and the endpoints for one event a request. */
export function addIngestionRoutes(app: FastifyInstance, parts: SingleParts): void {
  addBatchRoute(app, parts);
  addSingleRoutes(app, parts);
  authedRoute(
    app,
    parts,
    '/api/public/otel/v1/traces',
    { POST: (call) => ingestSpans(call, parts.ingester) },
    {
      success: 207,
      rawBody: true,
      bodyLimit: Number.MAX_SAFE_INTEGER,
    },
  );
}

/** The batch endpoint has a wrapper of its own, with other bodies (web/src/pages/api/public/ingestion.ts at v3.36.0). */
function addBatchRoute(app: FastifyInstance, { auth, ingester, log }: SingleParts): void {
  app.all('/api/public/ingestion', { bodyLimit: BATCH_LIMIT }, async (request, reply) => {
    const parsed = parseBodyOrAnswer(request, reply);
    if (!parsed) return reply;
    try {
      if (request.method !== 'POST') throw methodNotAllowed();
      const allowed = await auth.check(request.headers.authorization);
      if (!allowed.validKey) throw unauthorized(allowed.error);
      const body = ingestionBody.safeParse(parsed.body);
      if (!body.success) {
        const errors = body.error.issues.map(({ message }) => message);
        return await reply.code(400).send({ message: 'Invalid request data', errors });
      }
      return await reply.code(207).send(await ingester.ingest(body.data.batch, allowed.scope));
    } catch (error) {
      return await sendBatchFailure(reply, error, log);
    }
  });
}

/** Every failure of S3 or Redis comes out as 500 `Invalid request data`: misleading, and part of the contract. */
async function sendBatchFailure(reply: FastifyReply, error: unknown, log: Logger): Promise<FastifyReply> {
  if (error instanceof ApiError) {
    return await reply.code(error.status).send({ error: error.name, message: error.message });
  }
  log.error({ err: error }, 'error_handling_ingestion_event');
  if (error instanceof PostgresError) return await reply.code(500).send({ error: 'Internal Server Error' });
  const text = error instanceof Error ? error.message : 'An unknown error occurred';
  return await reply.code(500).send({ message: 'Invalid request data', errors: [text] });
}

async function ingestSpans(
  { request, reply, scope, body }: Call,
  ingester: Pick<Ingester, 'ingest'>,
): Promise<unknown> {
  const { spans, refused } = await readSpans(request.headers, Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  if (refused !== undefined) {
    await reply.code(400).send({ error: refused });
    return undefined;
  }
  // Spans don't get updates, so their jobs need not wait.
  return ingester.ingest(spans.flatMap(toIngestionEvents), scope, 0);
}
