import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../../../base/wait-until.ts';
import type { Exchange } from '../../stack.ts';
import { readExchanges } from './exchanges.ts';

const PRELOAD = new URL('preload.cjs', import.meta.url).pathname;

/** Runs a program that connects to a server which does this, until what it noted is as wanted. */
async function noted(
  serve: (socket: Socket) => void,
  program: string,
  wanted: (exchanges: readonly Exchange[]) => boolean,
): Promise<Exchange[]> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'exchanges-'));
  const child = spawn(process.execPath, ['--require', PRELOAD, '--eval', program], {
    env: { PORT: String(port), LANGFUSE_CHAOS_NOTES: folder },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
    server.close();
    rmSync(folder, { recursive: true });
  });
  return waitUntil(
    'the notes to be as wanted',
    async () => {
      const exchanges = await readExchanges(folder, port);
      return wanted(exchanges) && exchanges;
    },
    { timeoutMs: 10_000 },
  );
}

/** A program that stays, and sends a question. */
const ASK = `setInterval(() => {}, 1000);
  const socket = require('node:net').connect(process.env.PORT, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('?');`;

const ended = (exchanges: readonly Exchange[]) => exchanges.some(({ end }) => end !== undefined);

test('each answer ends an exchange; the last one waits', async () => {
  const answers = ['1', '22'];
  const [first, second, third] = await noted(
    (socket) => socket.on('data', () => answers.length > 0 && socket.write(answers.shift() ?? '')),
    `${ASK} socket.on('data', () => socket.write('three'));`,
    (exchanges) => exchanges.length === 3,
  );
  expect(first).toMatchObject({ sent: 1, received: 1, pieces: 1 });
  expect(second).toMatchObject({ sent: 5, received: 2, sentInAll: 6, receivedInAll: 3 });
  expect(third).toMatchObject({ sent: 5, received: 0 });
  expect(third).not.toHaveProperty('firstAt');
  expect(third).not.toHaveProperty('endedAt');
});

test.each<[string, (socket: Socket) => void, string, object]>([
  ['closed by the other side', (socket) => socket.end(), ASK, { end: 'remote', sent: 1, received: 0 }],
  ['reset', (socket) => socket.resetAndDestroy(), ASK, { end: 'ECONNRESET', sent: 1, received: 0 }],
  [
    'closed by the process',
    () => {},
    `${ASK} setTimeout(() => socket.destroy(), 20);`,
    { end: 'local', sent: 1 },
  ],
])('a connection %s', async (_how, serve, program, expected) => {
  const exchanges = await noted((socket) => socket.once('data', () => serve(socket)), program, ended);
  expect(exchanges).toEqual([expect.objectContaining(expected)]);
});

test('an answer in pieces is counted in pieces, and how long it waited for the other end', async () => {
  const [exchange] = await noted(
    (socket) => {
      socket.resume();
      socket.on('end', () => setTimeout(() => socket.end(), 60));
      socket.write('one', () => setTimeout(() => socket.write('two'), 60));
    },
    `${ASK} let n = 0; socket.on('data', () => ++n === 2 && socket.end());`,
    ended,
  );
  expect(exchange).toMatchObject({ received: 6, pieces: 2, end: 'local' });
  expect(exchange?.closingMs).toBeGreaterThanOrEqual(55);
});

test('a refused connection, and a program that handles no error still ends by it', async () => {
  const program = `setInterval(() => {}, 1000); require('node:net').connect(process.env.PORT, '127.0.0.1').on('error', () => {});`;
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  const folder = mkdtempSync(join(tmpdir(), 'exchanges-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const run = async (code: string) => {
    const child = spawn(process.execPath, ['--require', PRELOAD, '--eval', code], {
      env: { PORT: String(port), LANGFUSE_CHAOS_NOTES: folder },
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  await run(program);
  const exchanges = await waitUntil(
    'the refusal',
    async () => {
      const all = await readExchanges(folder, port);
      return ended(all) && all;
    },
    { timeoutMs: 10_000 },
  );
  expect(exchanges).toEqual([expect.objectContaining({ end: 'ECONNREFUSED', sent: 0, received: 0 })]);
  expect(exchanges[0]).not.toHaveProperty('connectedAt');

  const [code] = await once(await run(`require('node:net').connect(process.env.PORT, '127.0.0.1');`), 'exit');
  expect(code).toBe(1);
});
