import { comesBefore } from '../langfuse/merge-order.ts';
import type { EntityEvent } from './entity-events.ts';

/** One request's share in an entity: one object in S3. */
interface Share {
  readonly sentAt: number;
  /** When it was in S3 for certain, because the request had been acknowledged. */
  storedBy: number;
  readonly events: EntityEvent[];
}

/**
 * The events that may have fixed what an entity's first event fixes (its time, environment and trace): the
 * earliest of those that S3 held when the entity was processed for the first time. Which these were depends on which
 * request's job ran first. But a request's events come into S3 together, and what was acknowledged before
 * another request was sent was there before that one's.
 *
 * @param included sorted by time; the first of them is always a candidate and comes first
 */
export function firstCandidates(included: readonly EntityEvent[]): readonly EntityEvent[] {
  if (included.length < 2) return included;
  const shares = sharesOf(included);
  const candidates = new Set<EntityEvent>();
  for (const share of shares) {
    const wasThere = shares.filter((other) => other === share || other.storedBy < share.sentAt);
    const earlier = wasThere.flatMap(({ events }) => events);
    for (const event of share.events) {
      if (!earlier.some((other) => comesBefore(other, event))) candidates.add(event);
    }
  }
  return included.filter((event) => candidates.has(event));
}

function sharesOf(included: readonly EntityEvent[]): readonly Share[] {
  const shares = new Map<number, Share>();
  for (const event of included) {
    for (const { request, sentAt, answer, answeredAt } of event.sends) {
      // A refused send stores nothing; a refused event that landed all the same must have come from one.
      if (answer === 'refused' && event.answer !== 'refused') continue;
      const share = shares.get(request) ?? { sentAt, storedBy: Number.POSITIVE_INFINITY, events: [] };
      shares.set(request, share);
      share.events.push(event);
      if (answer === 'acknowledged' && answeredAt !== undefined) share.storedBy = answeredAt;
    }
  }
  return [...shares.values()];
}
