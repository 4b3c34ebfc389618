import { formatQuantity } from '../format.ts';
import type { Comparison, Word } from './compare.ts';
import type { RunFigures } from './figures.ts';
import type { Limits } from './limits.ts';

/** One of the two runs of a scenario. */
export interface ComparedRun {
  /** What was tested in one word, such as `embedded:safe`. */
  readonly target: string;
  readonly seed: string;
  /** The run folder, as seen from the comparison's own; absent when there is no judged run. */
  readonly folder?: string;
  /** Its verdict in one sentence, or why there is none. */
  readonly sentence: string;
  readonly figures?: RunFigures;
  /** What it was, flat: versions, settings, names of queues and tables. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Two runs of one scenario, and what their comparison comes to. */
export interface ComparedScenario extends Comparison {
  readonly scenario: string;
  readonly proves: string;
  readonly from: ComparedRun;
  readonly to: ComparedRun;
  /** Whether both got the same traffic, to the byte. */
  readonly sameTraffic: boolean;
  /** What else makes the two unlike, in sentences: another seed, another scenario, other traffic. */
  readonly notes: readonly string[];
}

/** The whole of `compare.json`: two targets side by side. */
export interface ComparisonReport {
  /** Version of this format. */
  readonly version: 1;
  /** Name of its folder. */
  readonly id: string;
  /** The two targets, in words. */
  readonly from: string;
  readonly to: string;
  /** The command that repeats it. */
  readonly command: string;
  /** When the command began and ended, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly limits: Limits;
  readonly scenarios: readonly ComparedScenario[];
  /** Scenarios that were left out, and why. */
  readonly leftOut: readonly string[];
}

/** The word for all of them: worse ranks above unknown, unknown above better, better above same. */
export function wordOfAll({ scenarios }: Pick<ComparisonReport, 'scenarios'>): Word {
  const words = new Set(scenarios.map(({ word }) => word));
  return (
    (['worse', 'unknown', 'better'] as const).find((word) => words.has(word)) ??
    (words.has('same') ? 'same' : 'unknown')
  );
}

/** How the word of a comparison is shown, with a sign, so that it never rests on colour alone. */
export const WORD_SIGNS: Readonly<Record<Word, string>> = {
  better: '▲',
  same: '=',
  worse: '▼',
  unknown: '?',
};

/** That both got the same traffic, where they did. */
export function trafficText({ from }: Pick<ComparedScenario, 'from'>): string {
  return `Both got the same traffic, byte for byte: ${formatQuantity(from.figures?.traffic.sent ?? 0, 'request')}.`;
}

/** The rows in which the facts of two runs differ; none where one of them did not come so far as to have any. */
export function changedFacts({
  from,
  to,
}: Pick<ComparedScenario, 'from' | 'to'>): { name: string; from: string; to: string }[] {
  if ([from, to].some(({ facts }) => Object.keys(facts).length === 0)) return [];
  const names = [...new Set([...Object.keys(from.facts), ...Object.keys(to.facts)])];
  return names.flatMap((name) => {
    const [before, after] = [from.facts[name] ?? '–', to.facts[name] ?? '–'];
    return before === after ? [] : [{ name, from: before, to: after }];
  });
}
