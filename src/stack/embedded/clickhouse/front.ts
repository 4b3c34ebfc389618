import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { sendException, sendResult, sendText } from './answer.ts';
import { authenticate } from './auth.ts';
import { BodyCut, readBody } from './body.ts';
import type { FrontConfig } from './config.ts';
import type { Engine, Job } from './engine.ts';
import { ClickHouseException } from './errors.ts';
import { readForm } from './form.ts';
import { readProfiles } from './profiles.ts';
import { readQuery } from './query.ts';
import { readOptions } from './request.ts';
import { onlyReads } from './statement.ts';

/** Milliseconds an idle connection is kept (the 24.3 server's `keep_alive_timeout`). */
const KEEP_ALIVE_MS = 10_000;

/** Answers without credentials, and without asking the engine, as the server does. */
const ALIVE = new Set(['/ping', '/replicas_status', '/']);

/** ClickHouse's HTTP interface over the engine; the caller makes it listen. */
export function createFront(engine: Engine, config: FrontConfig): Server {
  // A slow link is a fault we inject: readBody watches for silence, so no limit on the whole request.
  const options = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 };
  return createServer(options, (request, response) => {
    response.setHeader('X-ClickHouse-Server-Display-Name', config.displayName);
    handle(engine, config, request, response).catch((error: unknown) => {
      if (error instanceof BodyCut || response.destroyed) {
        response.destroy();
        return;
      }
      sendException(response, ClickHouseException.from(error), engine.version);
    });
  });
}

async function handle(
  engine: Engine,
  config: FrontConfig,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://front');
  if (request.method !== 'POST' && url.search === '' && ALIVE.has(url.pathname)) {
    return sendText(response, 200, 'Ok.\n');
  }
  if (url.pathname !== '/') return sendText(response, 404, `There is no handle ${url.pathname}\n`);
  if (request.method !== 'POST' && request.method !== 'GET') {
    return sendText(response, 501, `The method ${request.method} is not supported\n`);
  }

  authenticate(request.headers, url.searchParams, config);
  const body = await readBody(request);
  const form = await readForm(request.headers['content-type'], body);
  const parameters = new URLSearchParams([...url.searchParams, ...(form ?? [])]);
  const wish = readOptions(parameters, request.headers, request.method === 'GET');
  response.setHeader('X-ClickHouse-Query-Id', wish.queryId ?? randomUUID());

  const { sql, data, statement } = readQuery(wish.query, form ? Buffer.alloc(0) : body);
  const job: Job = {
    sql,
    format: wish.defaultFormat,
    database: wish.database ?? config.database,
    settings: new Map([...wish.settings, ...readProfiles(config.dataDir)]),
    params: wish.params,
    data,
    signal: onlyReads(statement) ? goneSignal(response) : undefined,
  };
  const outcome = await engine.run(job);
  await sendResult(response, outcome, { format: statement.format ?? wish.defaultFormat, gzip: wish.gzip });
}

/**
 * Aborts when the caller goes away before the answer. The server, too, may end a query whose caller left;
 * an INSERT or a DDL whose body has arrived in full runs on in both.
 */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) gone.abort(new BodyCut('the caller went away'));
  };
  response.on('close', onClose);
  if (response.destroyed) onClose();
  return gone.signal;
}
