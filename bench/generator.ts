import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../src/base/random.ts';
import { openHistoryWriter } from '../src/history/writer.ts';
import { sendTraffic } from '../src/traffic/open-loop.ts';
import { openTraffic } from '../src/traffic/traffic.ts';

/** What the benchmark measured. */
export interface GeneratorFigures {
  readonly events: number;
  readonly requests: number;
  /** Bytes of the history: all that was sent, and how it was answered. */
  readonly bytes: number;
  readonly wallMs: number;
  /** CPU time of this process, all its threads. */
  readonly cpuMs: number;
  /** Events a second on one core: by wall or CPU time, whichever is longer. The floor is 20,000. */
  readonly perSecond: number;
}

/** Far beyond what can be sent, so that the sender never waits for its schedule. */
const RATE = 10_000_000;
/** Enough to keep the sender busy; its time goes into the events, not into opening connections. */
const IN_FLIGHT = 32;

/**
 * Generates traffic, writes its history and sends it to a sink in another process that acknowledges everything at once, as fast as
 * it can: batches of 1–100, sizes up to 100 KB. Throws when an event was not acknowledged.
 */
export async function benchGenerator(events = 200_000): Promise<GeneratorFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-generator-'));
  const sink = fork(new URL('./sink.ts', import.meta.url));
  try {
    const [port] = (await once(sink, 'message')) as [number];
    const target = { url: `http://127.0.0.1:${port}`, publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench' };
    await sendOnce(target, join(folder, 'warm-up.jsonl'), 20_000);
    return await sendOnce(target, join(folder, 'history.jsonl'), events);
  } finally {
    sink.kill();
    rmSync(folder, { recursive: true });
  }
}

async function sendOnce(
  target: Parameters<typeof sendTraffic>[1],
  file: string,
  events: number,
): Promise<GeneratorFigures> {
  const plan = {
    kind: 'generated',
    rate: RATE,
    duration: events / RATE,
    maxBatch: 100,
    maxBytes: 100_000,
  } as const;
  const history = openHistoryWriter(file, { run: 'bench', seed: '1', projectId: 'bench' });
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const traffic = openTraffic(plan, createRandom('1'));
  const sent = await sendTraffic(traffic.requests, target, history, { maxInFlight: IN_FLIGHT });
  history.close();
  const wallMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuMs = (cpu.user + cpu.system) / 1000;
  if (sent.acknowledged !== events) throw new Error(`${sent.acknowledged} of ${events} events acknowledged`);
  const perSecond = events / (Math.max(wallMs, cpuMs) / 1000);
  return { events, requests: sent.requests, bytes: statSync(file).size, wallMs, cpuMs, perSecond };
}

if (import.meta.main) {
  const { events, requests, bytes, wallMs, cpuMs, perSecond } = await benchGenerator();
  const number = (value: number) => Math.round(value).toLocaleString('en');
  console.log(
    `generator with history: ${number(perSecond)} events/s (floor 20,000); ${number(events)} events in ${number(requests)} requests, ${number(bytes / 1e6)} MB, ${number(wallMs)} ms, ${number(cpuMs)} ms of CPU`,
  );
}
