import type { RecoveryRecord } from '../history/run-record.ts';
import { findTarget } from '../langfuse/find-target.ts';
import type { TargetFacts } from '../langfuse/target-facts.ts';
import { type RecoveryProgress, stopReason } from '../recovery/pace.ts';
import { replayFromS3 } from '../recovery/replay-from-s3.ts';
import { retryFailedJobs } from '../recovery/retry-failed.ts';
import type { RecoveryStep } from '../scenario/scenario.ts';
import type { OpenRun } from './phases.ts';

/** Carries out a recovery step after the traffic. One that stopped, or that only looked, makes the run unknown. */
export async function recoverInTheEnd(run: OpenRun, step: RecoveryStep): Promise<RecoveryRecord> {
  const record = await recover(run, step);
  const stopped = record.skipped.find(({ reason }) => reason.startsWith('stopped'));
  if (stopped) run.log.doubt('recovery-stopped', `The step "${step}" ${stopped.reason}`);
  const planned = record.skipped.find(({ reason }) => reason === 'dry run');
  if (planned)
    run.log.doubt(
      'recovery-dry-run',
      `The step "${step}" would have done ${planned.count}; it changed nothing, because the target's owner has not allowed recovery.`,
    );
  return record;
}

/**
 * Carries out a recovery step. In the middle of the traffic it may well be meant to stop, as when it comes while ClickHouse is away; that
 * the target can't be looked at again stops it as well.
 */
export async function recover(run: OpenRun, step: RecoveryStep): Promise<RecoveryRecord> {
  const { queue, tables, rawEvents, stack, clock, signal, view } = run;
  const onProgress = ({ done, seen, total }: RecoveryProgress) =>
    view.note(`${step}: ${done} done, ${seen}${total === undefined ? '' : ` of ${total}`} looked at`);
  const dryRun = stack.guard?.mayRecover === false;
  const pace = { queue, tables, clock, signal, onProgress, ...(dryRun ? { dryRun } : {}) };
  const { projectId } = stack.target;
  if (step === 'retry failed jobs') return retryFailedJobs(stack.guard ? { ...pace, projectId } : pace);
  const startedAt = clock.now();
  let facts: TargetFacts;
  try {
    facts = await factsNow(run);
  } catch (error) {
    signal.throwIfAborted();
    const skipped = [{ reason: stopReason(error), count: 0 }];
    return { step, startedAt, endedAt: clock.now(), done: 0, skipped };
  }
  return (await replayFromS3({ ...pace, facts, storage: rawEvents, projectId })).record;
}

/** What was put in its place since the run began may be of another version. */
async function factsNow({ stack, log, facts }: OpenRun): Promise<TargetFacts> {
  return log.run.replacements === undefined ? facts : findTarget(stack.target, stack.access);
}
