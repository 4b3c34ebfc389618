import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ChaosError } from '../base/errors.ts';
import type { RecoveryRecord } from '../history/run-record.ts';
import { findTarget } from '../langfuse/find-target.ts';
import { openIngestionQueue } from '../langfuse/queue.ts';
import { openRawEvents } from '../langfuse/storage.ts';
import { openTables } from '../langfuse/tables.ts';
import { type ReplayedGap, replayFromS3 } from '../recovery/replay-from-s3.ts';
import { retryFailedJobs } from '../recovery/retry-failed.ts';
import { parseSpec } from '../stack/spec.ts';
import type { Stack } from '../stack/stack.ts';
import { startStack } from '../stack/stacks.ts';
import { findStack } from './find-stack.ts';
import { interruptSignal } from './interrupt.ts';

interface RecoverFlags {
  readonly only?: 'retry' | 'replay';
  readonly errorContains?: string;
  readonly dryRun?: boolean;
  readonly stack?: string;
  readonly json?: boolean;
}

/** What a step did; of a dry run of the replay also which entities S3 has and ClickHouse has not, or not whole. */
interface Recovered extends RecoveryRecord {
  readonly gaps?: readonly ReplayedGap[];
}

/** Entities that are listed; `--json` has all. */
const LISTED = 20;

/** `recover [STACK]` */
export function recoverCommand(): Command {
  return new Command('recover')
    .description('bring back what is missing on a running stack: retry the failed jobs, then replay from S3')
    .argument('[stack]', 'id of the stack; the only one unless told')
    .option('--only <step>', 'carry out one step only: retry or replay', parseStep)
    .option('--error-contains <text>', 'retry only jobs whose error contains this text')
    .option('--dry-run', 'say what would be done and change nothing')
    .option('--stack <external:FILE>', 'a target that runs already, instead of a stack of the harness')
    .option('--json', 'print what was done as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos recover --dry-run\n  langfuse-chaos recover --only retry --error-contains ECONNREFUSED\n  langfuse-chaos recover --dry-run --stack external:staging.yml',
    )
    .action(async (id: string | undefined, flags: RecoverFlags) => {
      const signal = interruptSignal('ending after this slice');
      await using external = flags.stack === undefined ? undefined : await useExternal(flags.stack, id);
      const { access, target, guard } = external ?? (await findStack(id));
      if (guard && !guard.mayRecover && !flags.dryRun) throw notAllowed();
      await using queue = await openIngestionQueue(access.redis);
      await using rawEvents = openRawEvents(access.s3);
      const common = { queue, signal, ...(flags.dryRun ? { dryRun: true } : {}) };
      const { errorContains } = flags;
      const records: Recovered[] = [];
      if (flags.only !== 'replay') {
        const which = {
          ...(errorContains ? { errorContains } : {}),
          ...(guard ? { projectId: target.projectId } : {}),
        };
        await using tables = openTables(access.clickhouse);
        records.push(await retryFailedJobs({ ...common, ...which, tables }));
      }
      if (flags.only !== 'retry') {
        const facts = await findTarget(target, access);
        await using tables = openTables(access.clickhouse, facts.writeMode === 'events_only');
        const { projectId } = target;
        const sources = { ...common, tables, facts, storage: rawEvents, projectId };
        const { record, gaps } = await replayFromS3(sources);
        records.push(flags.dryRun ? { ...record, gaps } : record);
      }
      console.log(flags.json ? JSON.stringify(records, null, 2) : records.map(renderRecord).join('\n'));
    });
}

/** Takes hold of a target that runs already; its jobs and objects of other projects are left alone. */
async function useExternal(text: string, id: string | undefined): Promise<Stack> {
  const spec = parseSpec(text, (path) => resolve(path));
  if (spec.kind === 'external' && id === undefined) return startStack({ spec });
  throw new ChaosError({
    code: 'E_USAGE',
    happened: `--stack ${text} names no target that runs already, or a stack is named beside it.`,
    expected: '--stack external:FILE, or the id of a running stack',
    remedy: 'leave out one of them.',
  });
}

function notAllowed(): ChaosError {
  return new ChaosError({
    code: 'E_NOT_ON_STACK',
    happened: "Nothing is recovered there: the target's owner has not allowed it.",
    expected: '--dry-run, or `recovery: true` below `allow` in its file',
    remedy: 'add --dry-run to see what would be done.',
  });
}

function parseStep(text: string): 'retry' | 'replay' {
  if (text === 'retry' || text === 'replay') return text;
  throw new InvalidArgumentError('it is retry or replay.');
}

function renderRecord({ step, done, skipped, gaps = [] }: Recovered): string {
  const unit = step === 'retry failed jobs' ? 'jobs' : 'entities';
  const planned = skipped.find(({ reason }) => reason === 'dry run');
  if (planned) return `${step}: would do ${planned.count} ${unit}${others(skipped)}${listed(gaps)}`;
  return `${step}: ${done} ${unit}${others(skipped)}`;
}

/** What S3 has and ClickHouse has not, a line each. */
function listed(gaps: readonly ReplayedGap[]): string {
  const lines = gaps.slice(0, LISTED).map(({ entity, landed }) => `\n  ${landed} in ClickHouse: ${entity}`);
  const more = gaps.length - lines.length;
  return `${lines.join('')}${more > 0 ? `\n  and ${more} more (--json has all)` : ''}`;
}

/** What was left alone, a line each. */
function others(skipped: RecoveryRecord['skipped']): string {
  const rest = skipped
    .filter(({ reason }) => reason !== 'dry run')
    .map(({ reason, count }) => `\n  left alone: ${count}, ${reason}`);
  return rest.join('');
}
