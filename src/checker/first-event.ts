import { comesBefore } from '../langfuse/merge-order.ts';
import type { EntityEvent } from './entity-events.ts';

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
  const requests = new Map<number, { readonly sentAt: number; readonly events: Set<EntityEvent> }>();
  for (const event of included) {
    for (const { request, sentAt, answer } of event.sends) {
      // A refused send stores nothing; a refused event that landed all the same must have come from one.
      if (answer === 'refused' && event.answer !== 'refused') continue;
      const known = requests.get(request);
      if (known) known.events.add(event);
      else requests.set(request, { sentAt, events: new Set([event]) });
    }
  }
  const candidates = new Set<EntityEvent>();
  for (const { sentAt, events } of requests.values()) {
    const wasThere = included.filter(
      (event) => events.has(event) || (event.acknowledgedAt ?? sentAt) < sentAt,
    );
    for (const event of events) {
      if (!wasThere.some((other) => comesBefore(other, event))) candidates.add(event);
    }
  }
  return included.filter((event) => candidates.has(event));
}
