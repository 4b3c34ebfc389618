import { existsSync, writeFileSync } from 'node:fs';
import type { JudgeContext } from '../checker/input.ts';
import { judge } from '../checker/judge.ts';
import { sentEvents } from '../checker/sent-events.ts';
import { type History, openHistory } from '../history/reader.ts';
import { CHECKPOINT_NAMES, type RunRecord } from '../history/run-record.ts';
import { renderHtml } from '../report/html.ts';
import type { JudgedRun } from '../report/judged-run.ts';
import { renderJunit } from '../report/junit.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { DEFAULT_VISIBILITY_BUDGET } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { readCheckpoint } from './checkpoint-file.ts';
import { readSightings } from './observer.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * Judges a run from what its folder holds and writes `verdict.json` and the reports. The same folder gives the same verdict
 * each time: nothing is asked of the target, nor of the clock.
 *
 * @throws ChaosError `E_RUN_FOLDER`, `E_HISTORY_…` when the folder is not that of a run
 */
export async function judgeRun(folder: RunFolder): Promise<JudgedRun> {
  const run = folder.readRun();
  const scenario = folder.readScenario();
  const history = openHistory(folder.historyFile);
  const doubts = [...run.doubts, ...doubtsOf(history)];
  const events = sentEvents(history.records(), (doubt) => doubts.push(doubt));
  const checkpoints = CHECKPOINT_NAMES.map((name) => folder.checkpointFile(name))
    .filter((file) => existsSync(file))
    .map(readCheckpoint);
  const verdict = judge(events, checkpoints, contextOf(run, scenario, folder, doubts));
  folder.writeJson(folder.verdictFile, verdict);
  const judged = { run, verdict };
  writeFileSync(folder.htmlFile, renderHtml(judged));
  writeFileSync(folder.junitFile, renderJunit(judged));
  writeFileSync(folder.markdownFile, renderMarkdown(judged));
  return judged;
}

function contextOf(
  run: RunRecord,
  scenario: Scenario,
  folder: RunFolder,
  doubts: JudgeContext['doubts'],
): JudgeContext {
  return {
    run: run.id,
    scenario: scenario.name,
    seed: run.seed,
    projectId: run.projectId,
    visibilityBudgetMs: (scenario.visibilityBudget ?? DEFAULT_VISIBILITY_BUDGET) * 1000,
    firstSeen: existsSync(folder.sightingsFile) ? readSightings(folder.sightingsFile) : new Map(),
    faults: run.faults,
    probes: run.probes,
    expectations: scenario.expect,
    recovery: scenario.recovery,
    doubts,
  };
}

/** A history that was not ended in order is that of a run that was killed: what it did not write down, nobody knows. */
function doubtsOf(history: History): JudgeContext['doubts'][number][] {
  if (history.torn) return [{ code: 'history-torn', text: 'The last line of the history was cut off.' }];
  if (!history.closed)
    return [
      {
        code: 'history-open',
        text: 'The history was not ended in order: the run was killed or is still going on.',
      },
    ];
  return [];
}
