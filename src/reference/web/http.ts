import { parse as parseForm } from 'node:querystring';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ZodError } from 'zod/v3';
import { ApiError, methodNotAllowed, PostgresError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Scope } from '../queues.ts';
import type { Auth } from './auth.ts';

/** What a handler gets. */
export interface Call {
  readonly scope: Scope;
  /** The parsed body; see {@link parseBody}. */
  readonly body: unknown;
  readonly query: Record<string, unknown>;
  readonly params: Record<string, string>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}
type Method = 'GET' | 'POST' | 'PATCH';
/** What a route of {@link authedRoute} works with. */
export interface RouteParts {
  readonly auth: Auth;
  readonly log: Logger;
}

/** A server whose bodies arrive as bytes: what is made of them, and how it fails, is Next.js' way, not fastify's. */
export function createServer(log: Logger): FastifyInstance {
  const app = fastify({ logger: false, exposeHeadRoutes: false, routerOptions: { maxParamLength: 5000 } });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    const origin = request.headers.origin;
    if (origin) reply.header('access-control-allow-origin', origin).header('vary', 'Origin');
    if (request.method === 'OPTIONS') {
      reply.header('access-control-allow-methods', 'GET,HEAD,PUT,PATCH,POST,DELETE');
      await reply.code(204).send();
    }
  });
  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      const limit = `${request.routeOptions.bodyLimit / 1024 / 1024}mb`;
      // The rest of the body is read and dropped, so that a client that is still sending gets the answer too.
      reply.removeHeader('connection');
      return reply.code(413).send(`Body exceeded ${limit} limit`);
    }
    log.error({ err: error }, 'Request failed');
    return reply.code(500).send('Internal Server Error');
  });
  return app;
}

/** A body as Next.js parses it, by its content type. @throws SyntaxError for JSON that is none */
export function parseBody(request: FastifyRequest): unknown {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const type = (request.headers['content-type'] ?? 'text/plain').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json' || type === 'application/ld+json') {
    return bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'));
  }
  if (type === 'application/x-www-form-urlencoded') return parseForm(bytes.toString('utf8'));
  return type === 'text/plain' ? bytes.toString('utf8') : bytes;
}

/** Like {@link parseBody}, but answers 400 itself. Next.js does so before any handler, and so before the key is checked. */
export function parseBodyOrAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
): { body: unknown } | undefined {
  try {
    return { body: parseBody(request) };
  } catch {
    void reply.code(400).send('Invalid JSON');
    return undefined;
  }
}

/**
 * A route with Langfuse's common wrapper: key of full scope, answer as JSON, and its statuses for failures
 * (createAuthedAPIRoute.ts and withMiddlewares.ts at v3.36.0). A handler that has sent an answer itself returns undefined.
 */
export function authedRoute(
  app: FastifyInstance,
  { auth, log }: RouteParts,
  url: string,
  handlers: Partial<Record<Method, (call: Call) => Promise<unknown>>>,
  options: { success?: number; bodyLimit?: number; rawBody?: boolean } = {},
): void {
  app.all(url, { bodyLimit: options.bodyLimit ?? 1024 * 1024 }, async (request, reply) => {
    const parsed = options.rawBody ? { body: request.body } : parseBodyOrAnswer(request, reply);
    if (!parsed) return reply;
    try {
      const handler = handlers[request.method as Method];
      if (!handler) throw methodNotAllowed();
      const allowed = await auth.check(request.headers.authorization);
      if (!allowed.validKey) return await reply.code(401).send({ message: allowed.error });
      if (allowed.scope.accessLevel !== 'all') {
        const message = 'Access denied - need to use basic auth with secret key';
        return await reply.code(401).send({ message });
      }
      const result = await handler({
        scope: allowed.scope,
        body: parsed.body,
        query: request.query as Record<string, unknown>,
        params: request.params as Record<string, string>,
        request,
        reply,
      });
      return reply.sent ? reply : await reply.code(options.success ?? 200).send(result);
    } catch (error) {
      log.error({ err: error }, 'Request failed');
      return await sendFailure(reply, error);
    }
  });
}

async function sendFailure(reply: FastifyReply, error: unknown): Promise<FastifyReply> {
  if (error instanceof ApiError) {
    return await reply.code(error.status).send({ message: error.message, error: error.name });
  }
  if (error instanceof ZodError) {
    return await reply.code(400).send({ message: 'Invalid request data', error: error.errors });
  }
  const hidden = error instanceof PostgresError || !(error instanceof Error);
  return await reply
    .code(500)
    .send({ message: 'Internal Server Error', error: hidden ? 'An unknown error occurred' : error.message });
}
