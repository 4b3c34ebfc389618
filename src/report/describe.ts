import { shownValue } from '../base/secret-settings.ts';
import { endedAsNamed } from '../checker/as-expected.ts';
import type { Finding } from '../checker/verdict.ts';
import type { FaultRecord, OddTrafficRecord, ReplacementRecord, RunRecord } from '../history/run-record.ts';
import { cut, formatCount, formatDuration, formatOffset } from './format.ts';
import type { JudgedRun } from './judged-run.ts';
import { isBad } from './outcome-table.ts';
import { lastStage } from './pick-findings.ts';
import { OUTCOME_WORDS, STAGE_WORDS } from './words.ts';

/** How far a fault has come, in words: `felt after 400 ms, undone after 5.0 s, healed 900 ms later`. */
export function faultState(fault: FaultRecord): string {
  const { injectedAt, feltAt, recoveredAt, healedAt } = fault;
  const parts: string[] = [];
  if (feltAt !== undefined) parts.push(`felt after ${formatDuration(feltAt - injectedAt)}`);
  else if (recoveredAt !== undefined) parts.push('never felt');
  if (recoveredAt !== undefined) parts.push(`undone after ${formatDuration(recoveredAt - injectedAt)}`);
  if (healedAt !== undefined)
    parts.push(`healed ${formatDuration(healedAt - (recoveredAt ?? injectedAt))} later`);
  return parts.length > 0 ? parts.join(', ') : 'injected';
}

/** A fault and what it hit: `refused on worker→clickhouse`. */
export function faultName(fault: FaultRecord): string {
  return `${cut(fault.fault, 60)} on ${cut(fault.on, 60)}`;
}

/** The moment that a report's times are counted from, as a scenario's are: the start of the traffic. Milliseconds since the epoch. */
export function zeroOf(run: RunRecord): number {
  return run.traffic?.startedAt ?? run.startedAt;
}

/**
 * What was replaced when, by what, which version that says it is, and how long it was away:
 * `web at 0:45.0 by docker:3.225.4 (says 3.225.4), away for 11 s`.
 */
export function replacementText(
  { process, target, at, answeredAt, webVersion }: ReplacementRecord,
  run: RunRecord,
): string {
  const says = process === 'web' && webVersion !== undefined ? ` (says ${cut(webVersion, 30)})` : '';
  const when = formatOffset(at - zeroOf(run));
  return `${process} at ${when} by ${cut(target, 120)}${says}, away for ${formatDuration(answeredAt - at)}`;
}

/** The version of Langfuse that a process says it is; a worker tells none, so that only what it was started from is known of it. */
export function versionTold({ process, webVersion }: ReplacementRecord): string {
  return process === 'worker' ? 'tells none' : cut(webVersion ?? 'not known', 30);
}

/** The jobs that were there at a replacement: `3 waiting or active, 89 delayed, 8 failed`. */
export function jobsThen({ queue }: ReplacementRecord): string {
  if (!queue) return 'unknown';
  const { waiting, active, delayed, failed } = queue;
  return `${formatCount(waiting + active)} waiting or active, ${formatCount(delayed)} delayed, ${formatCount(failed)} failed`;
}

/** How the events of a step of odd traffic were answered: `40 acknowledged, 2 refused`. */
export function oddTrafficAnswer({ acknowledged, refused }: OddTrafficRecord): string {
  return `${formatCount(acknowledged)} acknowledged, ${formatCount(refused)} refused`;
}

/** Which reference pipeline it was where it is not one that does as Langfuse does: `safe (not Langfuse)`. */
export function otherPipeline({ reference }: RunRecord): string | undefined {
  const { pipeline = 'v3.36.0' } = reference ?? {};
  return pipeline === 'v3.36.0' ? undefined : `${cut(pipeline, 60)} (not Langfuse)`;
}

/** Which Langfuse it was, by its own word, and how it stores traces: `4.16.0, write mode events_only`; undefined where it was not asked. */
export function langfuseText({ langfuse }: RunRecord): string | undefined {
  if (!langfuse) return undefined;
  const known = langfuse.known ? '' : ' (not known here)';
  return `${cut(langfuse.version, 60)}${known}, write mode ${langfuse.writeMode ?? 'not known'}`;
}

/** A target has a few of them at most. */
const MOST_NOTES = 5;

/** What the reader should know of the target. */
export function targetNotes({ langfuse }: RunRecord): string[] {
  return (langfuse?.notes ?? []).slice(0, MOST_NOTES).map((note) => cut(note, 250));
}

/** Where a missing event lies, or lay until it was brought back: `in S3 only`, `was in S3 only`; empty if it never was missing. */
export function whereabouts(finding: Finding): string {
  const stage = lastStage(finding);
  if (!stage) return '';
  return isBad(finding.outcome) ? STAGE_WORDS[stage].label : `was ${STAGE_WORDS[stage].label}`;
}

/** A finding's outcome, whereabouts (or what is wrong with it), entity and type, as columns. */
export function findingColumns(finding: Finding): readonly [string, string, string, string] {
  const wrong = finding.differences?.map(({ field }) => field).join(', ') ?? finding.note ?? '';
  return [
    OUTCOME_WORDS[finding.outcome].label,
    whereabouts(finding) || cut(wrong, 160),
    cut(finding.entity, 160),
    finding.type ?? '',
  ];
}

/** Said of a run that failed just as Langfuse v3.36.0 fails its scenario, so that nobody takes it for news; undefined of any other. */
export function expectedFailure({ run, verdict }: JudgedRun): string | undefined {
  const { scenario, reference } = run;
  const isReference = (run.target ?? 'embedded').startsWith('embedded');
  const isV3360 =
    isReference && (reference?.pipeline ?? 'v3.36.0') === 'v3.36.0' && reference?.defect === undefined;
  if (!isV3360 || !scenario.failsOnV3360With || !endedAsNamed(verdict, scenario.failsOnV3360With))
    return undefined;
  return `v3.36.0 is expected to fail this: ${scenario.proves}`;
}

/** The settings of the application that a run was given, each as `--set` takes it, but for the values of secrets. */
export function settingTexts({ scenario }: RunRecord): string[] {
  return Object.entries(scenario.settings ?? {}).flatMap(([process, settings]) =>
    Object.entries(settings).map(([name, value]) => `${process}.${name}=${shownValue(name, value)}`),
  );
}
