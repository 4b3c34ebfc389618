import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHistory } from '../src/history/reader.ts';

const CHILD = fileURLToPath(new URL('support/sending-child.ts', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-survives-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A target that acknowledges everything and keeps what it saw. */
async function startSink() {
  /** Requests of which at least the head arrived. */
  let begun = 0;
  /** Bodies that arrived whole. */
  const bodies: string[] = [];
  const server = createServer((incoming, answer) => {
    begun += 1;
    const chunks: Buffer[] = [];
    incoming.on('error', () => undefined);
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      bodies.push(body);
      const { batch } = JSON.parse(body) as { batch: { id: string }[] };
      const successes = batch.map(({ id }) => ({ id, status: 201 }));
      answer.writeHead(207).end(JSON.stringify({ successes, errors: [] }));
      server.emit('body');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    begun: () => begun,
    /** Resolves when that many bodies have arrived. */
    async saw(count: number) {
      while (bodies.length < count) await once(server, 'body');
    },
    /** Resolves when every connection has ended: nothing can arrive any more. */
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function sentBodies(file: string): string[] {
  return [...openHistory(file).records()].flatMap((record) =>
    record.kind === 'sent' ? [JSON.stringify(record.body)] : [],
  );
}

function missing(seen: readonly string[], sent: readonly string[]): number {
  const known = new Set(sent);
  return seen.filter((body) => !known.has(body)).length;
}

test.each([1, 2, 40, 300, 900])(
  'killed after %i requests: whatever the target saw is in the history',
  async (count) => {
    const sink = await startSink();
    const file = join(folder, 'history.jsonl');
    const child = spawn(process.execPath, [CHILD, sink.url, file], { stdio: 'inherit' });
    await sink.saw(count);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await sink.close();
    const history = openHistory(file);
    expect(history.closed).toBe(false);
    const sent = sentBodies(file);
    expect(sent.length).toBeGreaterThanOrEqual(sink.begun());
    expect(sink.bodies.length).toBeGreaterThanOrEqual(count);
    expect(missing(sink.bodies, sent)).toBe(0);
  },
);

test('no room left: the traffic ends with an error, nothing unrecorded was sent, and the file is whole', async () => {
  const sink = await startSink();
  const file = join(folder, 'history.jsonl');
  // A limit on the size of files (in blocks of 1,024 bytes) stands in for a full disk.
  const command = `ulimit -f 300; exec '${process.execPath}' '${CHILD}' '${sink.url}' '${file}'`;
  const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  await sink.close();
  expect([code, said]).toEqual([0, 'E_HISTORY_WRITE\n']);
  const { torn, closed } = openHistory(file);
  expect({ torn, closed }, 'a line is missing: it did not end in order').toEqual({
    torn: false,
    closed: false,
  });
  const sent = sentBodies(file);
  expect(sent.length).toBeGreaterThan(5);
  expect(sent.length).toBeGreaterThanOrEqual(sink.begun());
  expect(missing(sink.bodies, sent)).toBe(0);
});
