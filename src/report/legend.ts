import { formatCount, formatQuantity } from './format.ts';
import type { JudgedRun } from './judged-run.ts';

/** What the table of outcomes per checkpoint needs said to be read rightly, one sentence each; only what the run gives cause for. */
export function legend({ run, verdict }: JudgedRun): string[] {
  const { checkpoints } = verdict;
  const { visibilityBudget } = run.scenario;
  const { ownEvents = 0 } = run;
  const sentences: string[] = [];
  if (checkpoints.some(({ name }) => name === 'heal'))
    sentences.push('–: not judged before the target is at rest.');
  if (visibilityBudget !== undefined && checkpoints.some(({ outcomes }) => outcomes.late > 0))
    sentences.push(`late: first seen more than ${visibilityBudget} s after the acknowledgement.`);
  if (ownEvents > 0 && checkpoints.length > 0)
    sentences.push(
      `${formatCount(ownEvents)} of the ${formatQuantity(verdict.counts.events, 'event')} are the harness’s own: it sends some to see that the target works, also between the checkpoints.`,
    );
  return sentences;
}
