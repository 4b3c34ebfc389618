import type { EntityEvent } from './entity-events.ts';
import type { Outcome } from './verdict.ts';

/** An event whose mark takes the place of another's in the row that holds both. */
export interface Overwriter {
  readonly event: EntityEvent;
  /** When its mark was first seen; ms since the epoch. */
  readonly firstSeen: number;
}

/**
 * Follows one event from checkpoint to checkpoint. At each it says what the event's outcome would be if that had
 * been the last one; `whole` stands for an acknowledged event that is there and right, whose outcome depends on when it came.
 */
export class EventPath {
  /** The checkpoint since which it has been there and right without a break. */
  wholeSince = -1;
  /** Whether it was missing or not right at some checkpoint. */
  wasWanting = false;
  /** The first checkpoint at which it was gone after it had been seen. */
  goneAt: number | undefined;
  /** The last checkpoint at which it was there before that; undefined when it was only seen in between. */
  seenAt: number | undefined;
  /** The last checkpoint at which it was there with wrong content. */
  alteredAt: number | undefined;
  readonly #event: EntityEvent;
  readonly #firstSeen: number;
  readonly #overwriters: readonly Overwriter[];
  #wasSeen = false;
  #wasGoneAtRest = false;

  /**
   * @param firstSeen when it was first seen between checkpoints or before them, if ever; ms since the epoch
   * @param overwriters what its own mark may not have been seen for
   */
  constructor(event: EntityEvent, firstSeen: number | undefined, overwriters: readonly Overwriter[]) {
    this.#event = event;
    this.#firstSeen = firstSeen ?? Number.POSITIVE_INFINITY;
    this.#overwriters = overwriters;
  }

  /**
   * Call once per checkpoint, in their order.
   *
   * @param at when the checkpoint's read began; what was seen earlier must be in it
   * @param isAtRest whether the target had come to rest: what was gone before that, and is back by itself, was only away
   */
  step(checkpoint: number, at: number, isAtRest: boolean): Outcome | 'whole' {
    const bit = 1 << checkpoint;
    const isPresent = (this.#event.presentAt & bit) !== 0;
    const isAltered = (this.#event.alteredAt & bit) !== 0;
    if (isPresent || this.#firstSeen < at || this.#wentWithOverwriter(bit, at)) this.#wasSeen = true;
    if (isAltered) this.alteredAt = checkpoint;
    if (this.#event.answer === 'refused') return this.#wasSeen ? 'leaked' : 'refused';
    if (isPresent) {
      if (!this.#wasGoneAtRest) this.goneAt = undefined;
      if (this.goneAt === undefined) this.seenAt = checkpoint;
    } else if (this.#wasSeen) {
      this.goneAt ??= checkpoint;
      this.#wasGoneAtRest ||= isAtRest;
    }
    if (!isPresent || isAltered) {
      this.wholeSince = -1;
      this.wasWanting = true;
    } else if (this.wholeSince === -1) {
      this.wholeSince = checkpoint;
    }
    // Having been gone at rest is not made good by coming back: whoever read in between was told a falsehood.
    if (this.goneAt !== undefined) return 'vanished';
    if (isAltered) return 'altered';
    const isAcknowledged = this.#event.answer === 'acknowledged';
    if (isPresent) return isAcknowledged ? 'whole' : 'indeterminate-landed';
    return isAcknowledged ? 'lost' : 'indeterminate-not-landed';
  }

  /** Whether a row that had overwritten its mark was seen and is gone with all that it held. */
  #wentWithOverwriter(bit: number, at: number): boolean {
    return this.#overwriters.some(({ event, firstSeen }) => firstSeen < at && (event.presentAt & bit) === 0);
  }
}
