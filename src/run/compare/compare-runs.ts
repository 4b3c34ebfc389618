import { relative } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { compareFigures } from '../../report/compare/compare.ts';
import { figuresOf } from '../../report/compare/figures.ts';
import type { Limits } from '../../report/compare/limits.ts';
import type { ComparedRun, ComparedScenario } from '../../report/compare/report.ts';
import type { FinishedRun } from '../run-scenario.ts';
import { runFacts } from './run-facts.ts';
import { trafficFigures } from './traffic-figures.ts';

/** What became of one of the two runs of a scenario. */
export type Outcome =
  | { readonly finished: FinishedRun }
  | { readonly target: string; readonly error: unknown };

/**
 * Compares the two runs of a scenario.
 *
 * @param place the comparison's folder, from which the runs' folders are named
 * @throws ChaosError when the history of one can't be read
 */
export function compareRuns(
  scenario: string,
  outcomes: { readonly from: Outcome; readonly to: Outcome },
  limits: Limits,
  place: string,
): ComparedScenario {
  const from = comparedRun(outcomes.from, place);
  const to = comparedRun(outcomes.to, place);
  const [first, second] = [from.figures?.traffic, to.figures?.traffic];
  const sameTraffic = first !== undefined && first.fingerprint === second?.fingerprint;
  return {
    scenario,
    proves: provesOf(outcomes.to) ?? provesOf(outcomes.from) ?? '',
    from,
    to,
    sameTraffic,
    notes: notesOf(outcomes, from, to),
    ...compareFigures(from.figures, to.figures, limits, otherScenario(outcomes)),
  };
}

function comparedRun(outcome: Outcome, place: string): ComparedRun {
  if ('error' in outcome) {
    const sentence = `It could not be carried out: ${messageOf(outcome.error).split('\n')[0]}`;
    return { target: outcome.target, seed: '', sentence, facts: {} };
  }
  const { run, verdict, folder } = outcome.finished;
  const figures = figuresOf({ run, verdict }, trafficFigures(folder, run, folder.readScenario()));
  return {
    target: run.target ?? run.stack,
    seed: run.seed,
    folder: relative(place, folder.path),
    sentence: verdict.sentence,
    ...(figures ? { figures } : {}),
    facts: runFacts(run),
  };
}

function provesOf(outcome: Outcome): string | undefined {
  return 'finished' in outcome ? outcome.finished.run.scenario.proves : undefined;
}

/** That something else was done to one target than to the other, which leaves nothing to compare. */
function otherScenario({ from, to }: { readonly from: Outcome; readonly to: Outcome }): string[] {
  if (!('finished' in from && 'finished' in to) || planOf(from.finished) === planOf(to.finished)) return [];
  return ['The two runs were not of the same scenario: its timeline, settings or recovery differ.'];
}

/** What the reader should know of the two beside what was tested. */
function notesOf(
  outcomes: { readonly from: Outcome; readonly to: Outcome },
  from: ComparedRun,
  to: ComparedRun,
): string[] {
  if (!('finished' in outcomes.from && 'finished' in outcomes.to)) return [];
  const notes: string[] = [];
  if (from.seed !== to.seed) notes.push(`The seeds differ: ${from.seed} and ${to.seed}.`);
  for (const { target, figures } of [from, to]) {
    const traffic = figures?.traffic;
    if (traffic && traffic.sent < traffic.planned)
      notes.push(`${target}: only ${traffic.sent} of ${traffic.planned} requests of the traffic were sent.`);
  }
  return notes;
}

/** What was done to the target, as text; not what is expected of it. */
function planOf({ folder }: FinishedRun): string {
  const { traffic, timeline, recovery, settings = {}, redisAppendOnly = true } = folder.readScenario();
  return JSON.stringify({ traffic, timeline, recovery, settings, redisAppendOnly });
}
