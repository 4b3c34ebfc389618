import type { Expectation } from '../scenario/scenario.ts';
import { type CheckpointSummary, type Reason, STAGES, type Stage, type Verdict } from './verdict.ts';
import { count, events, list, whereMissing } from './words.ts';

/**
 * Explains a verdict in one sentence to a reader who has never seen the tool.
 *
 * @param expectations of the scenario: one that was missed for the very events that are a reason themselves is not counted as one more
 * @param recoveredInTraffic whether the timeline had recovery steps, which may have brought back what was there once settled
 */
export function explainVerdict(
  verdict: Verdict['verdict'],
  reasons: readonly Reason[],
  counts: Verdict['counts'],
  last: CheckpointSummary | undefined,
  recoveredInTraffic = false,
  expectations: readonly Expectation[] = [],
): string {
  if (verdict === 'pass' && last) return passed(last, recoveredInTraffic);
  const [first, ...others] = reasons;
  if (!first) throw new RangeError('a verdict other than pass needs a reason');
  if (verdict === 'unknown') {
    const early = reasons.find(({ code }) => NO_END.includes(code));
    return `Unknown: ${(early ?? first).text}`;
  }
  const more = others.filter(
    (reason) => reason.verdict === 'fail' && !restates(reason, reasons, expectations),
  ).length;
  const rest = more === 0 ? '' : ` (and ${count(more, 'more reason', 'more reasons')} to fail)`;
  const what = first.code === 'lost' && last ? lost(counts, last) : lowerFirst(first.text.replace(/\.$/, ''));
  return `Fail: ${what}${rest}.`;
}

/** Codes of doubts about a run that did not come to its end: whatever else is wanting of it follows from that. */
const NO_END: readonly string[] = ['aborted', 'ended-early', 'history-open', 'history-torn'];

function passed({ outcomes }: CheckpointSummary, recoveredInTraffic: boolean): string {
  const byThemselves = outcomes.ok + outcomes.late;
  const retried = outcomes['recovered-by-retry'];
  const replayed = outcomes['recovered-by-replay'];
  const total = byThemselves + retried + replayed;
  const ways = [
    {
      n: byThemselves,
      how: `came by themselves${recoveredInTraffic ? ' or by the recovery in the timeline' : ''}`,
    },
    { n: retried, how: 'only after the failed jobs were retried' },
    { n: replayed, how: 'only after the replay from S3' },
  ].filter(({ n }) => n > 0);
  const parts = ways.map(({ n, how }) => `${n.toLocaleString('en')} ${how}`);
  const split = retried + replayed > 0 ? `: ${list(parts)}` : '';
  const late = outcomes.late > 0 ? `; ${outcomes.late.toLocaleString('en')} came late` : '';
  const all = total === 1 ? 'the one acknowledged event is' : `all ${events(total, 'acknowledged')} are`;
  return `Pass: ${all} in ClickHouse with the right content${split}${late}.`;
}

/** Whether a reason is an expectation of at most so many events, and those are a reason of their own. */
function restates(
  { code, text }: Reason,
  reasons: readonly Reason[],
  expectations: readonly Expectation[],
): boolean {
  if (code !== 'expectation') return false;
  const missed = expectations.find((each) => text.startsWith(`Expected: ${each.text}; seen: `));
  if (!missed || !('atMost' in missed) || missed.atMost === undefined) return false;
  const isReason = (name: string) => reasons.some((reason) => reason.code === name);
  if (missed.about === 'outcome') return isReason(missed.outcome);
  return missed.about !== 'failed-set' && isReason('lost');
}

const STAGE_CLAUSES: Readonly<Record<Stage, string>> = {
  'not-in-s3': 'no copy of them is left, not even in S3',
  's3-only': 'no job is left for them, yet no row arrived; only S3 still holds them',
  queued: 'their jobs still wait in Redis',
  'failed-set': 'their jobs used up their attempts and lie in the failed set',
  'clickhouse-hidden': 'ClickHouse has them, but where Langfuse does not show them',
};

function lost(counts: Verdict['counts'], last: CheckpointSummary): string {
  const n = last.outcomes.lost;
  const what = `${n.toLocaleString('en')} of ${events(counts.acknowledged, 'acknowledged')} ${n === 1 ? 'is' : 'are'} lost`;
  const [stage, ...others] = STAGES.filter((each) => last.missing[each] > 0);
  if (stage === undefined || others.length > 0) return `${what}; missing are ${whereMissing(last)}`;
  return `${what}: ${n === 1 ? singular(STAGE_CLAUSES[stage]) : STAGE_CLAUSES[stage]}`;
}

function singular(clause: string): string {
  return clause.replaceAll(/\btheir\b/g, 'its').replaceAll(/\bthem\b/g, 'it');
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
