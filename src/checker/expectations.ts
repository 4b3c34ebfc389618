import type { GuideRecord, ProbeRecord } from '../history/run-record.ts';
import type { Bounds, Expectation } from '../scenario/scenario.ts';
import { type CheckpointSummary, type ExpectationResult, type Outcome, STAGES } from './verdict.ts';

/** An expectation, whether it held, and whether anything was there to hold it against. */
export interface CheckedExpectation extends ExpectationResult {
  readonly wasSeen: boolean;
  /** Whether what was seen speaks of events that are absent, which may be on their way as long as the target is not at rest. */
  readonly isAboutAbsence: boolean;
}

/** Holds a scenario's expectations against what was counted, how the probes were answered and what the guide's steps did. */
export function checkExpectations(
  expectations: readonly Expectation[],
  checkpoints: readonly CheckpointSummary[],
  probes: readonly ProbeRecord[],
  runbook: readonly GuideRecord[] = [],
): CheckedExpectation[] {
  return expectations.map((expectation) => {
    const { kind, text } = expectation;
    const seen =
      expectation.about === 'probe'
        ? checkProbe(expectation, probes)
        : expectation.about === 'guide'
          ? checkGuide(expectation, runbook)
          : checkFigure(expectation, checkpoints);
    return { text, kind, ...seen };
  });
}

type Seen = Pick<CheckedExpectation, 'held' | 'seen' | 'wasSeen' | 'isAboutAbsence'>;
type ProbeExpectation = Extract<Expectation, { about: 'probe' }>;
type GuideExpectation = Extract<Expectation, { about: 'guide' }>;
type FigureExpectation = Exclude<Expectation, { about: 'probe' | 'guide' }>;

function checkProbe(
  { label, endpoint, status, body = '', persisted }: ProbeExpectation,
  probes: readonly ProbeRecord[],
): Seen {
  const found = probes.filter((probe) => probe.label === label && probe.endpoint === endpoint);
  if (found.length === 0) return notSeen(`no probe “${label}” of ${endpoint}`);
  const answers = new Set(
    found.map((probe) => (probe.status === undefined ? 'no answer' : String(probe.status))),
  );
  const isAnsweredSo = found.every(
    (probe) => (status === undefined || probe.status === status) && probe.body.includes(body),
  );
  const isWhere = persisted === undefined || found.every((probe) => probe.persisted?.settled === persisted);
  const wasLookedFor = persisted === undefined || found.every((probe) => probe.persisted !== undefined);
  return {
    held: isAnsweredSo && isWhere,
    seen: [
      [...answers].join(', ') + (body === '' ? '' : `: ${found.map((probe) => probe.body).join(' | ')}`),
      ...(persisted === undefined ? [] : found.map((probe) => probe.persisted?.settled ?? 'not looked for')),
    ].join('; '),
    // A wrong answer is wrong wherever the events are.
    wasSeen: wasLookedFor || !isAnsweredSo,
    isAboutAbsence: isAnsweredSo,
  };
}

function checkGuide({ step, did, broughtBack }: GuideExpectation, runbook: readonly GuideRecord[]): Seen {
  const found = runbook.filter((record) => record.step === step);
  if (found.length === 0) return notSeen(`no step “${step}”`);
  const sum = (key: 'tried' | 'broughtBack') => found.reduce((all, { jobs }) => all + (jobs?.[key] ?? 0), 0);
  const [tried, back] = [sum('tried'), sum('broughtBack')];
  if (broughtBack !== undefined && tried === 0) return notSeen('no failed job to bring back');
  const seen = found.map((record) => record.did).join(' | ');
  return {
    held:
      (did === undefined || found.some((record) => record.did.includes(did))) &&
      (broughtBack === undefined || back === broughtBack),
    seen: broughtBack === undefined ? seen : `${seen}; ${back} of ${tried} jobs brought back`,
    wasSeen: true,
    isAboutAbsence: false,
  };
}

function checkFigure(expectation: FigureExpectation, checkpoints: readonly CheckpointSummary[]): Seen {
  const checkpoint = checkpoints.find(({ name }) => name === expectation.at);
  if (!checkpoint) return notSeen(`no checkpoint “${expectation.at}”`);
  const figure = figureOf(expectation, checkpoint);
  const held = isWithin(figure.value, expectation);
  return {
    held,
    seen: `${figure.name} ${figure.value}${held ? '' : ` instead of ${boundsText(expectation)}`}`,
    wasSeen: true,
    isAboutAbsence: isAboutAbsence(expectation),
  };
}

/** Outcomes that an event gets by its absence, or only once it has arrived; what has vanished or landed wrong stays so. */
const OF_ABSENCE: readonly Outcome[] = [
  'ok',
  'late',
  'recovered-by-retry',
  'recovered-by-replay',
  'lost',
  'indeterminate-landed',
  'indeterminate-not-landed',
];

function isAboutAbsence(expectation: FigureExpectation): boolean {
  return expectation.about === 'outcome'
    ? OF_ABSENCE.includes(expectation.outcome)
    : expectation.about !== 'failed-set';
}

function figureOf(
  expectation: FigureExpectation,
  checkpoint: CheckpointSummary,
): { readonly name: string; readonly value: number } {
  switch (expectation.about) {
    case 'missing':
      return { name: 'missing', value: missingAt(checkpoint) };
    case 'blind-loss':
      return { name: 'blind loss', value: checkpoint.blindLoss };
    case 'failed-set':
      return { name: 'failed jobs', value: checkpoint.failedSet };
    case 'outcome':
      return { name: expectation.outcome, value: checkpoint.outcomes[expectation.outcome] };
    case 'stage':
      return { name: `missing, ${expectation.stage}`, value: checkpoint.missing[expectation.stage] };
  }
}

/** At whatever stage. */
function missingAt({ missing }: CheckpointSummary): number {
  return STAGES.reduce((sum, stage) => sum + missing[stage], 0);
}

function isWithin(value: number, { atLeast, atMost }: Bounds): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

/** `at least 1`, `at most 0`, `at least 1 and at most 5`, `exactly 3`. */
function boundsText({ atLeast, atMost }: Bounds): string {
  if (atLeast !== undefined && atLeast === atMost) return `exactly ${atLeast}`;
  return [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ].join(' and ');
}

function notSeen(what: string): Seen {
  return { held: false, seen: `nothing, as there is ${what}`, wasSeen: false, isAboutAbsence: false };
}
