import { BAD_OUTCOMES, type Finding, type Outcome } from './verdict.ts';

/** Findings that a verdict lists at most, so that `verdict.json` stays in the megabytes whatever the run. */
export const MOST_FINDINGS = 10_000;

/**
 * Collects findings and keeps the worst: bad outcomes before what recovery brought back, then in the order in
 * which the events were sent. What is kept does not depend on the order in which they are added.
 */
export class Findings {
  #kept: Finding[] = [];
  /** The last of those kept when there were too many: what comes after it in their order will never be listed. */
  #last: Finding | undefined;
  #added = 0;

  add(finding: Finding): void {
    this.#added += 1;
    if (this.#last && compare(this.#last, finding) <= 0) return;
    this.#kept.push(finding);
    if (this.#kept.length >= 2 * MOST_FINDINGS) this.#cut();
  }

  list(): { readonly findings: readonly Finding[]; readonly leftOut: number } {
    this.#cut();
    return { findings: this.#kept, leftOut: this.#added - this.#kept.length };
  }

  #cut(): void {
    this.#kept = this.#kept.sort(compare).slice(0, MOST_FINDINGS);
    if (this.#kept.length === MOST_FINDINGS) this.#last = this.#kept.at(-1);
  }
}

function compare(a: Finding, b: Finding): number {
  return (
    severity(a.outcome) - severity(b.outcome) ||
    (a.request ?? -1) - (b.request ?? -1) ||
    compareText(a.entity, b.entity) ||
    compareText(a.eventId ?? '', b.eventId ?? '')
  );
}

function severity(outcome: Outcome): number {
  const place = (BAD_OUTCOMES as readonly Outcome[]).indexOf(outcome);
  return place === -1 ? BAD_OUTCOMES.length : place;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
