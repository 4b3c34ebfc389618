import { BAD_OUTCOMES, type Finding, type Outcome, type Stage } from '../checker/verdict.ts';
import { CHECKPOINT_NAMES } from '../history/run-record.ts';

/** The stage at the last checkpoint at which the event was missing; undefined when it never was. */
export function lastStage(finding: Finding): Stage | undefined {
  for (const checkpoint of CHECKPOINT_NAMES.toReversed()) {
    const stage = finding.stages[checkpoint];
    if (stage) return stage;
  }
  return undefined;
}

/** 0 for the worst: bad outcomes in their order, then everything that recovery brought back. */
export function severity(outcome: Outcome): number {
  const position = (BAD_OUTCOMES as readonly Outcome[]).indexOf(outcome);
  return position === -1 ? BAD_OUTCOMES.length : position;
}

/**
 * All findings, so ordered that any first part of the list is a fair choice: one of each kind (outcome and last
 * stage) in turn, the worst kinds first. A list of 50,000 lost events so never hides the one that was altered.
 */
export function fairOrder(findings: readonly Finding[]): Finding[] {
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const kind = `${severity(finding.outcome)} ${finding.outcome} ${lastStage(finding) ?? ''}`;
    const group = kinds.get(kind);
    if (group) group.push(finding);
    else kinds.set(kind, [finding]);
  }
  const groups = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  const longest = groups.reduce((length, group) => Math.max(length, group.length), 0);
  const ordered: Finding[] = [];
  for (let turn = 0; turn < longest; turn += 1) {
    for (const group of groups) {
      const finding = group[turn];
      if (finding) ordered.push(finding);
    }
  }
  return ordered;
}
