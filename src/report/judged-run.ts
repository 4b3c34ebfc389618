import type { Verdict } from '../checker/verdict.ts';
import type { RunRecord } from '../history/run-record.ts';

/** What every report is made from: `run.json` and `verdict.json` of one run. */
export interface JudgedRun {
  readonly run: RunRecord;
  readonly verdict: Verdict;
}
