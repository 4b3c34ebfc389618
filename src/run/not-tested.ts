import type { JudgeContext } from '../checker/input.ts';
import type { RunRecord } from '../history/run-record.ts';
import type { TimelineStep } from '../scenario/scenario.ts';

type Doubts = JudgeContext['doubts'][number][];

/** What a timeline planned and the run's record does not show to have happened: it was not put to the test. */
export function notTested(run: RunRecord, timeline: readonly TimelineStep[]): Doubts {
  const inTurn = timeline.flatMap((step) => ('inTurn' in step ? step.inTurn : []));
  const faults = timeline.filter((step) => 'fault' in step).length + inTurn.length;
  const probes = [
    ...timeline.flatMap((step) => ('probe' in step ? [step.probe] : [])),
    ...inTurn.map(({ probe }) => probe),
  ];
  const unasked = probes.filter((label) => !run.probes.some((probe) => probe.label === label));
  const unsent = without(
    timeline.flatMap((step) => ('send' in step ? [step.send.name] : [])),
    (run.oddTraffic ?? []).map(({ name }) => name),
  );
  const notRecovered = without(
    timeline.flatMap((step) => ('recover' in step ? [step.recover] : [])),
    recoveredInTraffic(run),
  );
  const replaced = (step: { readonly replace: string; readonly by: string }) =>
    `${step.replace} by ${step.by}`;
  const notReplaced = without(
    timeline.flatMap((step) => ('replace' in step ? [replaced(step)] : [])),
    (run.replacements ?? []).map(({ process, by }) => replaced({ replace: process, by })),
  );
  const texts = [
    notReplaced.length > 0 && `These replacements were not carried out: ${notReplaced.join(', ')}.`,
    run.faults.length < faults && `Only ${run.faults.length} of ${faults} faults were injected.`,
    notRecovered.length > 0 &&
      `These recovery steps of the timeline were not carried out: ${notRecovered.join(', ')}.`,
    unasked.length > 0 && `These probes were not made: ${unasked.join(', ')}.`,
    unsent.length > 0 && `This odd traffic was not sent: ${unsent.join(', ')}.`,
  ];
  return [
    ...texts.filter((text) => text !== false).map((text) => ({ code: 'not-recorded', text })),
    ...unanswered(run),
  ];
}

/** The steps that were carried out while the traffic was going on; those of the recovery come after it. */
function recoveredInTraffic({ runbook = [], recovery, traffic }: RunRecord): string[] {
  const until = traffic?.endedAt ?? Number.POSITIVE_INFINITY;
  return [
    ...runbook.map(({ step }) => step),
    ...recovery.filter(({ startedAt }) => startedAt <= until).map(({ step }) => step),
  ];
}

function unanswered({ oddTraffic = [] }: RunRecord): Doubts {
  return oddTraffic
    .filter(({ acknowledged, refused }) => acknowledged + refused === 0)
    .map(({ name }) => ({
      code: 'nothing-happened',
      text: `Of the odd traffic “${name}” no event was acknowledged or refused.`,
    }));
}

/** What is planned more often than it was done. */
function without(planned: readonly string[], done: readonly string[]): string[] {
  const left = [...done];
  return planned.filter((each) => {
    const at = left.indexOf(each);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}
