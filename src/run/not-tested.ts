import type { JudgeContext } from '../checker/input.ts';
import type { QueueDepths, RunRecord } from '../history/run-record.ts';
import type { MetJobs, TimelineStep } from '../scenario/scenario.ts';

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
    ...metNothing(run, timeline),
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

/** Replacements that did not meet the jobs for which they are there. */
function metNothing({ replacements = [] }: RunRecord, timeline: readonly TimelineStep[]): Doubts {
  const left = [...replacements];
  const steps = timeline.filter((step) => 'replace' in step).toSorted((one, other) => one.at - other.at);
  return steps.flatMap(({ replace, by, meets = [] }) => {
    const at = left.findIndex((record) => record.process === replace && record.by === by);
    const [record] = at < 0 ? [] : left.splice(at, 1);
    if (!record || meets.length === 0) return [];
    const why = record.queue ? unmet(record.queue, meets) : UNREAD;
    return why === undefined
      ? []
      : [{ code: 'nothing-happened', text: `When ${replace} was replaced by ${by}, ${why}.` }];
  });
}

const UNREAD = 'the ingestion queue could not be read: nobody knows whether it was put to the test';

function unmet({ waiting, delayed, failed }: QueueDepths, meets: readonly MetJobs[]): string | undefined {
  const lacks = [
    meets.includes('waiting') && waiting + delayed === 0 && 'no job was waiting or delayed',
    meets.includes('failed') && failed === 0 && 'no job had failed',
  ].filter((lack) => lack !== false);
  return lacks.length > 0
    ? `${lacks.join(' and ')} in the ingestion queue: it was not put to the test`
    : undefined;
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
