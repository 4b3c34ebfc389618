import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { waitUntil } from '../../src/base/wait-until.ts';
import { readState } from '../../src/stack/embedded/state.ts';
import type { Stack } from '../../src/stack/stack.ts';

/** Status and body of an answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks the web process with the stack's key. */
export async function ask(stack: Stack, path: string, body?: unknown): Promise<Answer> {
  const { url, publicKey, secretKey } = stack.target;
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    signal: AbortSignal.timeout(20_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.text() };
}

/** Sends one trace. @returns the answer, and the id of the trace */
export async function sendTrace(stack: Stack): Promise<Answer & { readonly id: string }> {
  const id = randomUUID();
  const timestamp = new Date().toISOString();
  const event = {
    id: randomUUID(),
    type: 'trace-create',
    timestamp,
    body: { id, timestamp, name: 'a trace' },
  };
  return { ...(await ask(stack, '/api/public/ingestion', { batch: [event] })), id };
}

/** Rows of a query to ClickHouse, past every link. */
export async function queryClickHouse(stack: Stack, sql: string): Promise<string> {
  const { url, username, password, database } = stack.access.clickhouse;
  const response = await fetch(`${url}/?database=${database}`, {
    method: 'POST',
    headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password },
    body: sql,
    signal: AbortSignal.timeout(3000),
  });
  const text = (await response.text()).trim();
  if (!response.ok) throw new Error(text);
  return text;
}

/** Whether a trace has landed in ClickHouse. */
export async function hasLanded(stack: Stack, id: string): Promise<boolean> {
  return (await queryClickHouse(stack, `SELECT count() FROM traces FINAL WHERE id = '${id}'`)) === '1';
}

/** Waits until a trace has landed. */
export const untilLanded = (stack: Stack, id: string) =>
  waitUntil(`trace ${id} to land`, () => hasLanded(stack, id), { timeoutMs: 20_000 });

/** What is there of a stack, so that it can be looked for when it should be gone. */
export interface Traces {
  readonly id: string;
  readonly folder: string;
  readonly ports: readonly number[];
  readonly pids: readonly number[];
}

/** What is there of a stack now. */
export function tracesOf(folder: string): Traces {
  const { id, ports, components } = readState(folder);
  const pids = Object.values(components).flatMap(({ process }) => process?.pid ?? []);
  return { id, folder, ports: Object.values(ports), pids };
}

/** What is left of a stack: processes (by environment or folder), listening ports, shared memory, its folder. */
export async function remainsOf({ id, folder, ports, pids }: Traces): Promise<string[]> {
  const processes = readdirSync('/proc').flatMap((pid) => {
    try {
      const carries = readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`LANGFUSE_CHAOS_STACK=${id}`);
      return carries || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) ? [`process ${pid}`] : [];
    } catch {
      return [];
    }
  });
  const listening = await Promise.all(
    ports.map(async (port) => ((await isOpen(port)) ? [`port ${port}`] : [])),
  );
  const memory = readFileSync('/proc/sysvipc/shm', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, segment, , , creator]) =>
      pids.includes(Number(creator)) ? [`shared memory ${segment}`] : [],
    );
  return [...processes, ...listening.flat(), ...memory, ...(existsSync(folder) ? [folder] : [])];
}

/** Whether something listens on a port of this machine. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
