import { closeSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { readLines } from '../base/read-lines.ts';
import type { QueueDepths, Sample } from '../history/run-record.ts';
import type { IngestionQueue } from '../langfuse/queue.ts';
import type { Tables } from '../langfuse/tables.ts';
import { writing } from './run-folder.ts';

/** What the observer watches and whom it tells. */
export interface ObserverOptions {
  readonly queue: Pick<IngestionQueue, 'depths'>;
  readonly tables: Pick<Tables, 'newMarks'>;
  readonly projectId: string;
  /** Milliseconds that a row may wait in the worker's buffer between its merge and its insert. */
  readonly bufferMs: number;
  /** File that takes when which marks were first seen. */
  readonly sightingsFile: string;
  readonly clock: Clock;
  /** The traffic's figures at this moment. */
  readonly figures: () => { readonly events: number; readonly acknowledged: number };
  readonly onSample: (sample: Sample) => void;
}

const SAMPLE_EVERY_MS = 1000;

/**
 * Looks once a second at the queue and at what has landed, for the live view, the timeline and the time at which
 * each event was first seen. A look that fails is left out: the observer never ends a run.
 */
export class Observer implements AsyncDisposable {
  readonly #options: ObserverOptions;
  readonly #stop = new AbortController();
  readonly #seen = new Set<number>();
  readonly #file: number;
  readonly #running: Promise<void>;
  #lastLook: number;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#file = writing(options.sightingsFile, () => openSync(options.sightingsFile, 'a'));
    this.#lastLook = options.clock.now();
    this.#running = this.#watch();
  }

  /** Whether the mark of this number was seen in ClickHouse. */
  hasSeen(mark: number): boolean {
    return this.#seen.has(mark);
  }

  /** Takes one sample now; what the last one missed is in it. */
  async sample(): Promise<void> {
    const { clock, queue } = this.#options;
    const at = clock.now();
    const [depths] = await Promise.all([
      queue.depths().catch((): QueueDepths | undefined => undefined),
      this.#lookForMarks(at).catch(() => undefined),
    ]);
    const { events: sent, acknowledged } = this.#options.figures();
    this.#options.onSample({
      at,
      sent,
      acknowledged,
      landed: this.#seen.size,
      ...(depths ? { queue: depths } : {}),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    closeSync(this.#file);
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stop.signal.aborted) {
      await this.sample();
      await clock.sleep(SAMPLE_EVERY_MS, this.#stop.signal).catch(() => undefined);
    }
  }

  async #lookForMarks(at: number): Promise<void> {
    const { tables, projectId, bufferMs, clock } = this.#options;
    const landed = await tables.newMarks(projectId, this.#lastLook - bufferMs);
    this.#lastLook = at;
    const fresh = new Set(landed.flatMap(({ marks }) => marks).filter((mark) => !this.#seen.has(mark)));
    if (fresh.size === 0) return;
    // The answer's time, not the question's: the row was there at the latest now.
    writeSync(this.#file, `${JSON.stringify({ at: clock.now(), marks: [...fresh] })}\n`);
    for (const mark of fresh) this.#seen.add(mark);
  }
}

/** When each mark was first seen, from the file that an observer wrote; milliseconds since the epoch. */
export function readSightings(path: string): Map<number, number> {
  const firstSeen = new Map<number, number>();
  for (const text of readLines(path)) {
    const { at, marks } = JSON.parse(text) as { at: number; marks: number[] };
    for (const mark of marks) if (!firstSeen.has(mark)) firstSeen.set(mark, at);
  }
  return firstSeen;
}
