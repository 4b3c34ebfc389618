import { existsSync, statSync } from 'node:fs';
import type { Checkpoint, JudgeContext, SentEvent } from '../checker/input.ts';
import { createJudge, partOf } from '../checker/judge.ts';
import { sentEvents } from '../checker/sent-events.ts';
import type { Verdict } from '../checker/verdict.ts';
import { type History, openHistory } from '../history/reader.ts';
import { CHECKPOINT_NAMES, type RunRecord } from '../history/run-record.ts';
import { entityOf } from '../langfuse/events.ts';
import { profileOf } from '../langfuse/profile.ts';
import { type SpanForm, spanFormOf } from '../langfuse/span-events.ts';
import { renderHtml } from '../report/html.ts';
import type { JudgedRun } from '../report/judged-run.ts';
import { renderJunit } from '../report/junit.ts';
import { suiteOfRun } from '../report/junit-run.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { renderProbesCsv } from '../report/probes-csv.ts';
import { DEFAULT_VISIBILITY_BUDGET } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { readCheckpoint } from './checkpoint-file.ts';
import { notTested } from './not-tested.ts';
import { readSightings } from './observer.ts';
import { withFates } from './probe-fates.ts';
import type { RunFolder } from './run-folder.ts';

/** Bytes of history and rows that are judged at once: parsed, they take about three times as much memory. */
const PART_BYTES = 128 << 20;

/**
 * Judges a run from what its folder holds and writes `verdict.json` and the reports. The same folder gives the same verdict
 * each time: nothing is asked of the target, nor of the clock.
 *
 * @throws ChaosError `E_RUN_FOLDER`, `E_HISTORY_…` when the folder is not that of a run, or can't be written
 */
export function judgeRun(folder: RunFolder): JudgedRun {
  const recorded = folder.readRun();
  const scenario = folder.readScenario();
  const history = openHistory(folder.historyFile);
  const files = CHECKPOINT_NAMES.map((name) => folder.checkpointFile(name)).filter((file) =>
    existsSync(file),
  );
  const checkpoints = files.map(readCheckpoint);
  const run = {
    ...recorded,
    scenario: {
      ...recorded.scenario,
      visibilityBudget: scenario.visibilityBudget ?? DEFAULT_VISIBILITY_BUDGET,
    },
    probes: withFates(recorded.probes, checkpoints, recorded.projectId),
  };
  const bytes = [folder.historyFile, ...files].reduce((sum, file) => sum + statSync(file).size, 0);
  const doubts = [
    ...run.doubts,
    ...doubtsOf(history),
    ...notTested(run, scenario.timeline),
    ...missingFiles(folder),
  ];
  const context = contextOf(run, scenario, folder, doubts);
  const parts = Math.ceil(bytes / PART_BYTES);
  const onDoubt = (doubt: (typeof doubts)[number]) => doubts.push(doubt);
  const verdict = judgeInParts(history, checkpoints, context, parts, spanFormIn(run), onDoubt);
  folder.writeJson(folder.verdictFile, verdict);
  const judged = { run, verdict };
  folder.write(folder.htmlFile, renderHtml(judged));
  folder.write(folder.junitFile, renderJunit([suiteOfRun(judged)]));
  folder.write(folder.markdownFile, renderMarkdown(judged));
  if (run.probes.length > 0) folder.write(folder.probesFile, renderProbesCsv(run));
  return judged;
}

/** Reads the files once for each part of the entities, so that memory holds one part at a time. */
function judgeInParts(
  history: History,
  checkpoints: readonly Checkpoint[],
  context: JudgeContext,
  parts: number,
  form: SpanForm,
  onDoubt: (doubt: JudgeContext['doubts'][number]) => void,
): Verdict {
  const judge = createJudge(checkpoints, context);
  for (let part = 0; part < parts; part += 1) {
    // Each part reads all of the history; its doubts need to be told once.
    const events = sentEvents(history.records(), part === 0 ? onDoubt : () => {}, form);
    judge.add({
      events: only(events, (event) => partOf(idOf(event), parts) === part),
      rows: checkpoints.map(({ rows }) => only(rows, (row) => partOf(row.id, parts) === part)),
    });
  }
  return judge.verdict();
}

/** What the target of a run made of spans. */
function spanFormIn({ langfuse }: Pick<RunRecord, 'langfuse'>): SpanForm {
  return langfuse ? spanFormOf(profileOf(langfuse.version).profile, langfuse.writeMode) : 'web converts';
}

/** What decides the part an event belongs to: its entity's id, or its own where it has no entity. */
function idOf({ event }: SentEvent): string {
  return entityOf(event) === undefined ? event.id : String(event.body.id);
}

function* only<T>(items: Iterable<T>, wanted: (item: T) => boolean): Generator<T> {
  for (const item of items) if (wanted(item)) yield item;
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
    trafficStartedAt: run.traffic?.startedAt,
    firstSeen: existsSync(folder.sightingsFile) ? readSightings(folder.sightingsFile) : new Map(),
    faults: run.faults,
    probes: run.probes,
    runbook: run.runbook ?? [],
    recoveredInTraffic: scenario.timeline.some((step) => 'recover' in step),
    expectations: scenario.expect,
    recovery: scenario.recovery,
    doubts,
  };
}

/** A history that was not ended in order is that of a run that was killed: what it did not write down, nobody knows. */
function doubtsOf(history: History): JudgeContext['doubts'][number][] {
  if (history.torn) return [{ code: 'history-torn', text: 'The last line of the history was cut off.' }];
  if (history.closed) return [];
  return [
    {
      code: 'history-open',
      text: 'The history was not ended in order: the run was killed or is still going on.',
    },
  ];
}

/** What else a run must have written down to be judged. */
function missingFiles(folder: RunFolder): JudgeContext['doubts'][number][] {
  const texts = [
    !existsSync(folder.sightingsFile) && 'Nobody watched what landed between the checkpoints.',
    !existsSync(folder.checkpointFile('heal')) && 'What had landed when the faults were healed was not read.',
  ];
  return texts.filter((text) => text !== false).map((text) => ({ code: 'not-recorded', text }));
}
