import type { CheckpointName, FaultRecord } from '../history/run-record.ts';
import { CHECKPOINT_AFTER, type RecoveryStep } from '../scenario/scenario.ts';
import type { CheckedExpectation } from './expectations.ts';
import type { JudgeContext } from './input.ts';
import type { Doubt } from './sent-events.ts';
import { BAD_OUTCOMES, type CheckpointSummary, type Reason, type Verdict } from './verdict.ts';
import { count, events, whereMissing } from './words.ts';

/** What a verdict rests on. */
export interface Grounds {
  readonly counts: Verdict['counts'];
  readonly checkpoints: readonly CheckpointSummary[];
  readonly expectations: readonly CheckedExpectation[];
  readonly context: Pick<JudgeContext, 'faults' | 'recovery'>;
  readonly doubts: readonly Doubt[];
}

/** Everything that speaks against a pass, failures first. */
export function findReasons(grounds: Grounds): Reason[] {
  const reasons = [...badOutcomes(grounds), ...missedExpectations(grounds), ...unknowns(grounds)];
  return [
    ...reasons.filter(({ verdict }) => verdict === 'fail'),
    ...reasons.filter(({ verdict }) => verdict === 'unknown'),
  ];
}

/** Fail ranks above unknown, unknown above pass. */
export function verdictOf(reasons: readonly Reason[]): Verdict['verdict'] {
  if (reasons.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return reasons.length > 0 ? 'unknown' : 'pass';
}

const BAD_TEXTS = {
  lost: (n) => `${events(n, 'acknowledged')} ${n === 1 ? 'is' : 'are'} absent at the last checkpoint`,
  vanished: (n) => `${events(n)} had been seen and ${n === 1 ? 'was' : 'were'} gone at a later checkpoint`,
  altered: (n) => `${events(n)} landed with other content than was sent`,
  duplicated: (n) => `${count(n, 'entity', 'entities')} ${n === 1 ? 'has' : 'have'} more than one live row`,
  leaked: (n) => `${events(n)} ${n === 1 ? 'was' : 'were'} refused and landed all the same`,
  unexpected: (n) => `${count(n, 'entity', 'entities')} landed that this run never sent`,
} as const satisfies Record<(typeof BAD_OUTCOMES)[number], (n: number) => string>;

/** Doubts that leave open whether what is absent would still have come. */
const UNFINISHED = new Set([
  'not-settled',
  'recovery-stopped',
  'checkpoint-unreadable',
  'history-open',
  'history-torn',
]);

/** Whether what was absent at the last checkpoint is lost, and not merely on its way or still to be recovered. */
function isFinal({ checkpoints, context, doubts }: Grounds): boolean {
  const needed = neededCheckpoints(context.recovery).at(-1);
  return checkpoints.at(-1)?.name === needed && !doubts.some(({ code }) => UNFINISHED.has(code));
}

function badOutcomes(grounds: Grounds): Reason[] {
  const { checkpoints } = grounds;
  const last = checkpoints.at(-1);
  if (!last) return [];
  return BAD_OUTCOMES.filter((outcome) => last.outcomes[outcome] > 0).map((outcome) => {
    const text = BAD_TEXTS[outcome](last.outcomes[outcome]);
    const where = outcome === 'lost' ? `; missing are ${whereMissing(last)}` : '';
    if (outcome === 'lost' && !isFinal(grounds)) {
      return {
        verdict: 'unknown',
        code: 'absent',
        text: `${text}${where}; it is not proven that they are lost.`,
      };
    }
    return { verdict: 'fail', code: outcome, text: `${text}${where}.` };
  });
}

function missedExpectations(grounds: Grounds): Reason[] {
  const proven = isFinal(grounds);
  return grounds.expectations
    .filter(({ kind, held }) => kind === 'must' && !held)
    .map(({ text, seen, wasSeen, isAboutAbsence }) =>
      wasSeen && (proven || !isAboutAbsence)
        ? { verdict: 'fail', code: 'expectation', text: `Expected: ${text}; seen: ${seen}.` }
        : { verdict: 'unknown', code: 'expectation-not-checked', text: `Expected: ${text}; seen: ${seen}.` },
    );
}

function unknowns({ counts, checkpoints, context, doubts }: Grounds): Reason[] {
  const unknown = (code: string, text: string): Reason => ({ verdict: 'unknown', code, text });
  const reasons = doubts.map(({ code, text }) => unknown(code, text));
  const absentByDesign = checkpoints.at(-1)?.outcomes['absent-by-design'] ?? 0;
  if (counts.acknowledged === absentByDesign) {
    const text = 'No event that is meant to be stored was acknowledged, so nothing was put to the test.';
    reasons.push(unknown('nothing-happened', text));
  }
  for (const name of neededCheckpoints(context.recovery)) {
    if (checkpoints.some((checkpoint) => checkpoint.name === name)) continue;
    reasons.push(unknown('checkpoint-missing', `What had landed at the checkpoint “${name}” was not read.`));
  }
  return [...reasons, ...context.faults.flatMap(faultDoubts)];
}

/** A run ends with the stack settled, and after each recovery step it is read again. */
function neededCheckpoints(recovery: readonly RecoveryStep[]): CheckpointName[] {
  return ['settled', ...recovery.map((step) => CHECKPOINT_AFTER[step])];
}

function faultDoubts({ fault, on, feltAt, healedAt }: FaultRecord): Reason[] {
  const reasons: Reason[] = [];
  if (feltAt === undefined) {
    const text = `The fault ${fault} on ${on} was injected and its effect was never observed.`;
    reasons.push({ verdict: 'unknown', code: 'fault-not-felt', text });
  }
  if (healedAt === undefined) {
    const text = `The fault ${fault} on ${on} was never observed to be healed.`;
    reasons.push({ verdict: 'unknown', code: 'not-healed', text });
  }
  return reasons;
}
