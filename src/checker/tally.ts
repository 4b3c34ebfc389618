import type { CheckpointName } from '../history/run-record.ts';
import type { EntityEvent } from './entity-events.ts';
import { Findings } from './findings.ts';
import type { SentEvent } from './input.ts';
import type { Doubt } from './sent-events.ts';
import { type CheckpointSummary, OUTCOMES, type Outcome, STAGES, type Stage } from './verdict.ts';

interface CheckpointCounts {
  readonly outcomes: Record<Outcome, number>;
  readonly missing: Record<Stage, number>;
}

/** All that is counted while a run is judged; its size does not grow with the number of events. */
export class Tally {
  readonly findings = new Findings();
  readonly counts = { requests: 0, events: 0, entities: 0, acknowledged: 0, refused: 0, indeterminate: 0 };
  readonly #requests = new NumberSet();
  readonly #steady = zeroes(OUTCOMES);
  readonly #checkpoints: readonly CheckpointCounts[];
  readonly #doubts = new Map<string, { count: number; readonly first: string }>();

  constructor(checkpoints: number) {
    this.#checkpoints = Array.from({ length: checkpoints }, () => ({
      outcomes: zeroes(OUTCOMES),
      missing: zeroes(STAGES),
    }));
  }

  countEntity(): void {
    this.counts.entities += 1;
  }

  /** An event with the same outcome at every checkpoint, as nearly all are. */
  countSteady(outcome: Outcome): void {
    this.#steady[outcome] += 1;
  }

  /** A request is counted when its first event is. */
  countSend({ request }: SentEvent): void {
    if (this.#requests.add(request)) this.counts.requests += 1;
  }

  countEvent({ answer }: EntityEvent): void {
    this.counts.events += 1;
    this.counts[answer] += 1;
  }

  countOutcome(checkpoint: number, outcome: Outcome): void {
    (this.#checkpoints[checkpoint] as CheckpointCounts).outcomes[outcome] += 1;
  }

  countMissing(checkpoint: number, stage: Stage): void {
    (this.#checkpoints[checkpoint] as CheckpointCounts).missing[stage] += 1;
  }

  /** @param code a key of {@link DOUBT_TEXTS} */
  doubt(code: keyof typeof DOUBT_TEXTS, where: string): void {
    const known = this.#doubts.get(code);
    if (known) known.count += 1;
    else this.#doubts.set(code, { count: 1, first: where });
  }

  doubts(): Doubt[] {
    return [...this.#doubts].map(([code, { count, first }]) => ({
      code,
      text: `${DOUBT_TEXTS[code as keyof typeof DOUBT_TEXTS]}: ${count} (the first: ${first}).`,
    }));
  }

  summaryOf(
    checkpoint: number,
    name: CheckpointName,
  ): Pick<CheckpointSummary, 'outcomes' | 'missing' | 'blindLoss'> {
    const { outcomes: changing, missing } = this.#checkpoints[checkpoint] as CheckpointCounts;
    const outcomes = zeroes(OUTCOMES);
    for (const outcome of OUTCOMES) outcomes[outcome] = changing[outcome] + this.#steady[outcome];
    const unseen = missing['not-in-s3'] + missing['s3-only'] + missing['clickhouse-hidden'];
    // Before the target has come to rest, what no queue holds may be in the worker's memory, on its way.
    return { outcomes, missing, blindLoss: name === 'heal' ? 0 : unseen };
  }
}

const DOUBT_TEXTS = {
  'event-id-reused': 'Different events were sent under one event id',
  'content-unclear': 'Rows whose events can be merged in too many ways to try them all',
} as const;

function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}

/** A set of small whole numbers, one bit each. */
class NumberSet {
  #bits = new Uint8Array(1024);

  /** True if it was not there yet. */
  add(number: number): boolean {
    const byte = number >>> 3;
    if (byte >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(byte + 1, 2 * this.#bits.length));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const bit = 1 << (number & 7);
    const isNew = ((this.#bits[byte] as number) & bit) === 0;
    this.#bits[byte] = (this.#bits[byte] as number) | bit;
    return isNew;
  }
}
