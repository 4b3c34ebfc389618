import { Command, InvalidArgumentError } from 'commander';
import type { RecoveryRecord } from '../history/run-record.ts';
import { openIngestionQueue } from '../langfuse/queue.ts';
import { openRawEvents } from '../langfuse/storage.ts';
import { openTables } from '../langfuse/tables.ts';
import { replayFromS3 } from '../recovery/replay-from-s3.ts';
import { retryFailedJobs } from '../recovery/retry-failed.ts';
import { findStack } from './find-stack.ts';
import { interruptSignal } from './interrupt.ts';

interface RecoverFlags {
  readonly only?: 'retry' | 'replay';
  readonly errorContains?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `recover [STACK]` */
export function recoverCommand(): Command {
  return new Command('recover')
    .description('bring back what is missing on a running stack: retry the failed jobs, then replay from S3')
    .argument('[stack]', 'id of the stack; the only one unless told')
    .option('--only <step>', 'carry out one step only: retry or replay', parseStep)
    .option('--error-contains <text>', 'retry only jobs whose error contains this text')
    .option('--dry-run', 'say what would be done and change nothing')
    .option('--json', 'print what was done as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos recover --dry-run\n  langfuse-chaos recover --only retry --error-contains ECONNREFUSED',
    )
    .action(async (id: string | undefined, flags: RecoverFlags) => {
      const { access, target } = await findStack(id);
      const signal = interruptSignal('ending after this slice');
      await using queue = await openIngestionQueue(access.redis);
      await using tables = openTables(access.clickhouse);
      await using rawEvents = openRawEvents(access.s3);
      const common = { queue, tables, signal, ...(flags.dryRun ? { dryRun: true } : {}) };
      const { errorContains } = flags;
      const records: RecoveryRecord[] = [];
      if (flags.only !== 'replay') {
        records.push(await retryFailedJobs({ ...common, ...(errorContains ? { errorContains } : {}) }));
      }
      if (flags.only !== 'retry') {
        records.push(
          (await replayFromS3({ ...common, storage: rawEvents, projectId: target.projectId })).record,
        );
      }
      console.log(flags.json ? JSON.stringify(records, null, 2) : records.map(renderRecord).join('\n'));
    });
}

function parseStep(text: string): 'retry' | 'replay' {
  if (text === 'retry' || text === 'replay') return text;
  throw new InvalidArgumentError('it is retry or replay.');
}

function renderRecord({ step, done, skipped }: RecoveryRecord): string {
  const unit = step === 'retry failed jobs' ? 'jobs' : 'entities';
  const planned = skipped.find(({ reason }) => reason === 'dry run');
  if (planned) return `${step}: would do ${planned.count} ${unit}${others(skipped)}`;
  return `${step}: ${done} ${unit}${others(skipped)}`;
}

/** What was left alone, a line each. */
function others(skipped: RecoveryRecord['skipped']): string {
  const rest = skipped
    .filter(({ reason }) => reason !== 'dry run')
    .map(({ reason, count }) => `\n  left alone: ${count}, ${reason}`);
  return rest.join('');
}
