import { comesBefore } from '../langfuse/merge-order.ts';
import type { CheckpointHead } from './entity.ts';
import type { EntityEvent } from './entity-events.ts';
import type { Overwriter } from './event-path.ts';
import type { JudgeContext } from './input.ts';
import type { Outcome } from './verdict.ts';

/** When events were first seen. */
export class Arrivals {
  readonly #checkpoints: readonly CheckpointHead[];
  readonly #context: Pick<JudgeContext, 'firstSeen' | 'visibilityBudgetMs' | 'trafficStartedAt'>;

  constructor(
    checkpoints: readonly CheckpointHead[],
    context: Pick<JudgeContext, 'firstSeen' | 'visibilityBudgetMs' | 'trafficStartedAt'>,
  ) {
    this.#checkpoints = checkpoints;
    this.#context = context;
  }

  /**
   * The outcome of an acknowledged event that has been there and right since a checkpoint.
   *
   * @param wasWanting whether it was missing or not right at an earlier one
   */
  outcome(event: EntityEvent, siblings: readonly EntityEvent[], since: number, wasWanting: boolean): Outcome {
    const { name, at } = this.#checkpoints[since] as CheckpointHead;
    const firstSeen = this.#firstSeenWithin(event, siblings);
    // What nobody looked for before a recovery step was there, it may have brought.
    if (wasWanting || (since === 0 && firstSeen === undefined)) {
      if (name === 'after-retry') return 'recovered-by-retry';
      if (name === 'after-replay') return 'recovered-by-replay';
    }
    // Nobody could look for an event without a mark between the checkpoints: late only if it was not there at the one before.
    const knownBy = firstSeen ?? (event.mark === undefined ? this.#checkpoints[since - 1]?.at : at);
    const { visibilityBudgetMs, trafficStartedAt = 0 } = this.#context;
    const acknowledgedAt = event.acknowledgedAt as number;
    const isLate =
      knownBy !== undefined &&
      knownBy - acknowledgedAt > visibilityBudgetMs &&
      acknowledgedAt >= trafficStartedAt;
    return isLate ? 'late' : 'ok';
  }

  /** When its mark was first seen, if ever. */
  firstSeen({ mark }: EntityEvent): number | undefined {
    return mark === undefined ? undefined : this.#context.firstSeen.get(mark);
  }

  /** The newer scores of its entity that were seen: a score that is overwritten counts as seen with them. */
  overwriters(event: EntityEvent, siblings: readonly EntityEvent[]): readonly Overwriter[] {
    if (event.event.type !== 'score-create' || event.answer !== 'acknowledged') return [];
    return siblings.flatMap((other) => {
      if (other === event || comesBefore(other, event)) return [];
      const firstSeen = this.firstSeen(other);
      return firstSeen === undefined ? [] : [{ event: other, firstSeen }];
    });
  }

  #firstSeenWithin(event: EntityEvent, siblings: readonly EntityEvent[]): number | undefined {
    let earliest = this.firstSeen(event);
    for (const { firstSeen } of this.overwriters(event, siblings)) {
      if (earliest === undefined || firstSeen < earliest) earliest = firstSeen;
    }
    return earliest;
  }
}
