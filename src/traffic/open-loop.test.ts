import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { waitUntil } from '../base/wait-until.ts';
import { openHistory } from '../history/reader.ts';
import type { AnsweredRecord } from '../history/records.ts';
import { type HistoryWriter, openHistoryWriter } from '../history/writer.ts';
import { type SendOptions, sendTraffic, type TrafficFigures } from './open-loop.ts';
import type { PlannedRequest } from './request.ts';
import { openTraffic } from './traffic.ts';

type Answerer = (
  request: { body: string; number: number; incoming: IncomingMessage },
  answer: ServerResponse,
) => void;

const SECRET = 'sk-lf-very-secret-0123456789';
let folder: string;
let file: string;
const ends: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-loop-'));
  file = join(folder, 'history.jsonl');
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
  rmSync(folder, { recursive: true });
});

/** A server that answers each request as it is told. */
async function serve(answerer: Answerer): Promise<string> {
  let number = 0;
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      answerer({ body: Buffer.concat(chunks).toString(), number, incoming }, answer);
      number += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const idsOf = (body: string) => (JSON.parse(body) as { batch: { id: string }[] }).batch.map(({ id }) => id);
const acknowledge = (body: string, answer: ServerResponse) =>
  answer
    .writeHead(207)
    .end(JSON.stringify({ successes: idsOf(body).map((id) => ({ id, status: 201 })), errors: [] }));

const requests = (count: number, everyMs = 1): PlannedRequest[] =>
  Array.from({ length: count }, (_, number) => ({
    at: number * everyMs,
    path: '/api/public/ingestion',
    body: `{"batch":[{"id":"a${number}"},{"id":"b${number}"}]}`,
    eventIds: [`a${number}`, `b${number}`],
  }));

async function send(url: string, planned: Iterable<PlannedRequest>, options: SendOptions = {}) {
  const history = openHistoryWriter(file, { run: 'r', seed: 's', projectId: 'p' });
  try {
    return await sendTraffic(
      planned,
      { url, publicKey: 'pk-lf-public-0123', secretKey: SECRET },
      history,
      options,
    );
  } finally {
    history.close();
  }
}

const recorded = () => [...openHistory(file).records()];
const answers = () =>
  recorded()
    .filter((record): record is AnsweredRecord => record.kind === 'answered')
    .sort((a, b) => a.request - b.request);

test('what the target gets is what the plan says and what the history holds, in order', async () => {
  const bodies: string[] = [];
  const headers: unknown[] = [];
  const url = await serve(({ body, incoming }, answer) => {
    bodies.push(body);
    headers.push(incoming.headers.authorization);
    acknowledge(body, answer);
  });
  const plan = { kind: 'generated', rate: 3000, duration: 0.3, maxBatch: 20, maxBytes: 5000 } as const;
  const traffic = openTraffic(plan, createRandom('seed'));
  const summary = await send(url, traffic.requests);
  const planned = [...openTraffic(plan, createRandom('seed')).requests];
  expect(bodies.toSorted()).toEqual(planned.map(({ body }) => body).toSorted());
  expect(new Set(headers)).toEqual(
    new Set([`Basic ${Buffer.from(`pk-lf-public-0123:${SECRET}`).toString('base64')}`]),
  );
  const sent = recorded().flatMap((record) => (record.kind === 'sent' ? [JSON.stringify(record.body)] : []));
  expect(sent).toEqual(planned.map(({ body }) => body));
  expect(summary).toMatchObject({
    requests: planned.length,
    events: traffic.totalEvents,
    acknowledged: traffic.totalEvents,
    refused: 0,
    indeterminate: 0,
    requestsInFlight: 0,
    eventsInFlight: 0,
    heldBack: 0,
    aborted: false,
  });
  expect(answers().every((answer) => answer.allAcknowledged && answer.body === undefined)).toBe(true);
});

test('open loop: with nothing answered, every request still leaves', async () => {
  // No answer is given before the last request is there: a sender that waits for one would never get that far.
  const held: (() => void)[] = [];
  const url = await serve(({ body }, answer) => {
    held.push(() => acknowledge(body, answer));
    if (held.length === 150) for (const release of held) release();
  });
  const summary = await send(url, requests(150));
  expect(summary).toMatchObject({ requests: 150, acknowledged: 300, heldBack: 0 });
});

test('each end of a request is recorded and counted as what it is', async () => {
  const url = await serve(({ body, number }, answer) => {
    const [first, second] = idsOf(body);
    const partly = {
      successes: [{ id: first, status: 201 }],
      errors: [{ id: second, status: 400, message: 'bad' }],
    };
    if (number === 0) answer.writeHead(207).end(JSON.stringify(partly));
    else if (number === 1) answer.writeHead(207).end(JSON.stringify({ ...partly, errors: [] }));
    else if (number === 2) answer.writeHead(401).end('{"error":"UnauthorizedError"}');
    else if (number === 3) answer.writeHead(500).end('no JSON');
    else if (number === 4) answer.socket?.destroy();
    else if (number === 5) answer.writeHead(207).end('{"successes":');
    else if (number === 6) return;
    else acknowledge(body, answer);
  });
  const summary = await send(url, requests(8, 30), { timeoutMs: 400 });
  expect(summary).toMatchObject({ events: 16, acknowledged: 4, refused: 3, indeterminate: 9 });
  expect(answers()).toMatchObject([
    { status: 207, body: { errors: [{ id: 'b0', status: 400, message: 'bad' }] } },
    { status: 207, body: { successes: [{ id: 'a1', status: 201 }], errors: [] } },
    { status: 401, body: { error: 'UnauthorizedError' } },
    { status: 500, body: 'no JSON' },
    { error: { code: 'UND_ERR_SOCKET' } },
    { status: 207, body: '{"successes":' },
    { error: { code: 'TIMEOUT', message: 'no whole answer within 0.4 s' } },
    { status: 207, allAcknowledged: true },
  ]);
  expect(
    answers()
      .map((answer) => answer.allAcknowledged ?? false)
      .indexOf(true),
  ).toBe(7);
});

test('an answer that names an event too many does not count as all acknowledged', async () => {
  const url = await serve(({ body }, answer) => {
    const successes = [...idsOf(body), 'another'].map((id) => ({ id, status: 201 }));
    answer.writeHead(207).end(JSON.stringify({ successes, errors: [] }));
  });
  await send(url, requests(1));
  expect(answers()).toMatchObject([{ status: 207, body: { successes: [{}, {}, { id: 'another' }] } }]);
});

test('an answer that drips for ever is given up as well', async () => {
  const url = await serve((_request, answer) => {
    const drip = setInterval(() => answer.write(' '), 20);
    answer.on('close', () => clearInterval(drip));
  });
  await send(url, requests(1), { timeoutMs: 300 });
  expect(answers()).toMatchObject([{ error: { code: 'TIMEOUT' } }]);
});

test('nobody listening: recorded with the code of the system, and the traffic goes on', async () => {
  const url = await serve(() => undefined);
  for (const end of ends.splice(0)) end();
  const summary = await send(url, requests(3));
  expect(summary).toMatchObject({ requests: 3, indeterminate: 6, aborted: false });
  expect(answers()).toMatchObject([1, 2, 3].map(() => ({ error: { code: 'ECONNREFUSED' } })));
});

test('the cap on requests in flight holds back and says so; everything is sent in the end', async () => {
  let open = 0;
  let most = 0;
  const url = await serve(({ body }, answer) => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      acknowledge(body, answer);
    }, 20);
  });
  const summary = await send(url, requests(30), { maxInFlight: 5 });
  expect(most).toBeLessThanOrEqual(5);
  expect(summary).toMatchObject({ requests: 30, acknowledged: 60 });
  expect(summary.heldBack).toBeGreaterThan(0);
});

test('an abort ends it at once: what is in flight is recorded as that, the rest is never sent', async () => {
  const abort = new AbortController();
  let arrived = 0;
  const url = await serve(() => {
    arrived += 1;
  });
  const sending = send(url, requests(1000, 20), { signal: abort.signal });
  await waitUntil('three requests to arrive', () => arrived >= 3, { timeoutMs: 5000 });
  abort.abort();
  const summary = await sending;
  expect(summary.aborted).toBe(true);
  expect(summary.requests).toBeLessThan(1000);
  expect(summary.indeterminate).toBe(summary.events);
  expect(answers()).toHaveLength(summary.requests);
  expect(answers().every((answer) => answer.error?.code === 'ABORTED')).toBe(true);
  expect(openHistory(file).closed).toBe(true);
});

test('aborted before it began, nothing is sent', async () => {
  const url = await serve(({ body }, answer) => acknowledge(body, answer));
  expect(await send(url, requests(5), { signal: AbortSignal.abort() })).toMatchObject({
    requests: 0,
    aborted: true,
  });
});

test('when the history cannot be written, nothing more is sent', async () => {
  let arrived = 0;
  const url = await serve(({ body }, answer) => {
    arrived += 1;
    acknowledge(body, answer);
  });
  const full = new Error('ENOSPC: no space left on device');
  let lines = 0;
  const history: HistoryWriter = {
    sent: () => {
      if (lines === 4) throw full;
      lines += 1;
      return lines - 1;
    },
    answered: () => undefined,
    close: () => undefined,
  };
  const target = { url, publicKey: 'pk', secretKey: 'sk' };
  await expect(sendTraffic(requests(50), target, history)).rejects.toBe(full);
  expect(arrived).toBeLessThanOrEqual(4);

  const cannotComplete = {
    ...history,
    sent: () => 0,
    answered: () => {
      throw full;
    },
  };
  await expect(sendTraffic(requests(500, 5), target, cannotComplete)).rejects.toBe(full);
});

test('the key is in no line of the history, not even when the target repeats it', async () => {
  const url = await serve(({ incoming }, answer) => {
    const { authorization } = incoming.headers;
    answer
      .writeHead(401)
      .end(`who is ${authorization} ${Buffer.from(authorization?.slice(6) ?? '', 'base64')}?`);
  });
  await send(url, requests(1));
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('who is Basic (removed)');
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain(Buffer.from(`pk-lf-public-0123:${SECRET}`).toString('base64'));
});

test('a long answer keeps the status of each event', async () => {
  const url = await serve(({ body }, answer) => {
    const errors = idsOf(body).map((id) => ({ id, status: 400, message: 'x'.repeat(60_000) }));
    answer.writeHead(207).end(JSON.stringify({ successes: [], errors }));
  });
  await send(url, requests(1));
  const [answer] = answers();
  expect(answer?.body).toMatchObject({
    errors: [
      { id: 'a0', status: 400 },
      { id: 'b0', status: 400 },
    ],
  });
  expect(JSON.stringify(answer).length).toBeLessThan(66_000);
});

test('at every moment each event that was sent is in exactly one of the figures', async () => {
  const url = await serve(({ body, number }, answer) => {
    if (number % 3 === 0) answer.writeHead(500).end();
    else if (number % 3 === 1) answer.writeHead(400).end();
    else acknowledge(body, answer);
  });
  const wrong: TrafficFigures[] = [];
  let calls = 0;
  await send(url, requests(30), {
    onProgress: (figures) => {
      calls += 1;
      const { events, eventsInFlight, acknowledged, refused, indeterminate } = figures;
      if (events !== eventsInFlight + acknowledged + refused + indeterminate) wrong.push({ ...figures });
    },
  });
  expect(calls).toBe(60);
  expect(wrong).toEqual([]);
});
