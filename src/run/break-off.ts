import { ChaosError, messageOf } from '../base/errors.ts';
import { errorsOf } from '../base/thrown.ts';
import type { JudgedRun } from '../report/judged-run.ts';
import { AbortConditionMet } from './abort-watch.ts';
import { judgeRun } from './judge-run.ts';
import { hasSent, type RunFolder, whatIsLeft } from './run-folder.ts';
import type { RunLog } from './run-log.ts';

/**
 * Ends the record of a run that did not come to its end, and tells the user what is left of it. Where it was also not possible to let go
 * of what the run used, what ended it keeps its meaning, and the rest is told beside it: a fault may still be on.
 *
 * @param thrown what the run threw
 * @returns the run as it is judged, where it was stopped as the target's owner wants it
 * @throws what ended the run otherwise; `E_RUN_FOLDER` when the record of one that was stopped can't be written
 */
export function breakOff(
  thrown: unknown,
  { log, folder, signal }: { readonly log: RunLog; readonly folder: RunFolder; readonly signal: AbortSignal },
): JudgedRun {
  const [error, ...others] = errorsOf(thrown);
  const stopped = error instanceof AbortConditionMet;
  if (stopped) log.doubt('aborted', `The run was stopped as the target's owner wants it: ${error.message}.`);
  // For whoever judges what there is of it with `verify`.
  else log.doubt('ended-early', signal.aborted ? 'The run was interrupted.' : 'The run ended with an error.');
  for (const other of others) {
    const happened = other instanceof ChaosError ? other.parts.happened : messageOf(other);
    log.doubt('not-released', `What the run used could not be let go of: ${happened}`);
    log.warn(messageOf(other));
  }
  // Whoever asks of an interrupted command is told of the interrupt alone.
  const stillOn = error instanceof ChaosError && error.code === 'E_EXTERNAL_RESTORE';
  if (stillOn && signal.aborted) log.warn(error.message);
  const unrecorded = whyUnrecorded(log);
  for (const line of whatIsLeft(folder, unrecorded === undefined)) log.changed(line);
  // What ended the run is what the reader is to be told, and not that its record can't be written either.
  if (!stopped) throw error;
  // The record that is there does not say that the run was stopped.
  if (unrecorded !== undefined) throw unrecorded;
  return judgeRun(folder);
}

/**
 * An error of a run, with the word that it had sent something already where it had.
 *
 * @param error anything that was thrown; what is no ChaosError stays as it is
 */
export function saidWhetherSent(error: unknown, folder: RunFolder): unknown {
  if (!(error instanceof ChaosError) || !hasSent(folder)) return error;
  return new ChaosError({ ...error.parts, afterSending: true, cause: error });
}

/** @returns why the record can't be written; undefined when it was */
function whyUnrecorded(log: RunLog): unknown {
  try {
    log.end();
    return undefined;
  } catch (error) {
    return error;
  }
}
