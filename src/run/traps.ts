import type { Clock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { waitUntil } from '../base/wait-until.ts';
import type { Access } from '../langfuse/access.ts';
import { compareVersions, type IngestionQueueName } from '../langfuse/profile.ts';
import { NEWEST_READ } from '../langfuse/profiles.ts';
import { hasWorker } from '../langfuse/queue-facts.ts';
import { readOnlySince } from '../langfuse/settings-since.ts';
import type { TargetFacts } from '../langfuse/target-facts.ts';
import type { Protocol, Scenario } from '../scenario/scenario.ts';
import { settingsOf } from './settings.ts';

/*
 * What would make a run on this target say nothing, or the wrong thing, and can be seen before it begins.
 */

/** The first ClickHouse that reads the times which Langfuse up to v3.225.4 and v4.16.0 sends as other times (langfuse#16892, langfuse#16957). */
const CLICKHOUSE_TOO_NEW = '26.8';
const LAST_UNMENDED_V3 = '3.225.4';

/** The oldest ClickHouse that v4 works with, by its documentation. */
const CLICKHOUSE_OF_V4 = '25.12';

/** Milliseconds in which a worker that has just come up must have connected for its queues. */
const WORKER_TIMEOUT_MS = 15_000;

/**
 * Refuses a run that the target can't pass for reasons that have nothing to do with the scenario, as far as these can be seen.
 *
 * @throws ChaosError `E_EVENTS_ONLY`, `E_SPANS_UNKNOWN`, `E_CLICKHOUSE_VERSION`
 */
export function requireFitting(facts: TargetFacts, scenario: Scenario, protocol: Protocol): void {
  const { version, profile, writeMode, writeModeBy, clickhouseVersion } = facts;
  if (writeMode === 'events_only' && protocol === 'ingestion') {
    throw new ChaosError({
      code: 'E_EVENTS_ONLY',
      happened: `${scenario.name} sends traces and observations to the ingestion API, which Langfuse ${version} refuses there in its write mode events_only (${writeModeBy}).`,
      expected: 'spans over OTLP, or a target in the write mode dual or legacy',
      remedy:
        'run a scenario with `protocol: otlp`, or set LANGFUSE_MIGRATION_V4_WRITE_MODE=dual for web and worker, with LANGFUSE_MIGRATION_V4_NATIVE_OTEL_BEHAVIOUR=dual_write for the worker.',
    });
  }
  if (protocol === 'otlp' && !profile.spanContentKnown) {
    throw new ChaosError({
      code: 'E_SPANS_UNKNOWN',
      happened: `${scenario.name} sends spans over OTLP, and what Langfuse ${version} makes of them is not known here: the verdict would be wrong.`,
      expected: 'Langfuse up to 3.40.0, or 3.113.0 or newer',
      remedy:
        'leave out `--traffic otlp` or `protocol: otlp`, so that traces and observations go to the ingestion API; or test another version.',
    });
  }
  const isV4 = compareVersions(version, '4.0.0') >= 0;
  if (isV4 && compareVersions(clickhouseVersion, CLICKHOUSE_OF_V4) < 0)
    throw clickhouseVersionError(facts, `${CLICKHOUSE_OF_V4} or newer`, 'it lacks what v4 uses');
  const isMended = compareVersions(version, isV4 ? NEWEST_READ : LAST_UNMENDED_V3) > 0;
  if (!isMended && compareVersions(clickhouseVersion, CLICKHOUSE_TOO_NEW) >= 0)
    throw clickhouseVersionError(
      facts,
      `older than ${CLICKHOUSE_TOO_NEW}`,
      'it reads the times that Langfuse sends as other times (langfuse#16892)',
    );
}

function clickhouseVersionError(facts: TargetFacts, expected: string, why: string): ChaosError {
  return new ChaosError({
    code: 'E_CLICKHOUSE_VERSION',
    happened: `Langfuse ${facts.version} does not work with ClickHouse ${facts.clickhouseVersion}: ${why}.`,
    expected: `ClickHouse ${expected}`,
    remedy: 'use such a ClickHouse; the run would blame Langfuse’s pipeline for what is not its fault.',
  });
}

/**
 * Refuses a run whose events nobody would work off, unless the scenario itself has switched the worker's consumer off. Where Redis does
 * not tell who is connected the run goes on.
 *
 * @throws ChaosError `E_NO_CONSUMER`; `E_REDIS` when Redis does not answer
 */
export async function requireConsumer(
  facts: TargetFacts,
  scenario: Scenario,
  protocol: Protocol,
  access: Access['redis'],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const queues = queuesOf(facts, protocol).filter(
    (queue) => scenario.settings?.worker?.[consumerSwitch(queue)] !== 'false',
  );
  for (const queue of queues) {
    let unanswered: unknown;
    const isWorkedOff = async () => {
      unanswered = undefined;
      try {
        return (await hasWorker(access, queue)) !== false;
      } catch (error) {
        unanswered = error;
        throw error;
      }
    };
    try {
      await waitUntil(`a worker to connect for ${queue}`, isWorkedOff, {
        timeoutMs: WORKER_TIMEOUT_MS,
        clock,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw unanswered ?? noConsumerError(queue, error);
    }
  }
}

function noConsumerError(queue: IngestionQueueName, cause: unknown): ChaosError {
  return new ChaosError({
    code: 'E_NO_CONSUMER',
    happened: `No worker is connected to Redis for ${queue}: what is acknowledged would wait there for ever.`,
    expected: `a worker within ${WORKER_TIMEOUT_MS / 1000} s`,
    remedy: `start a worker that uses the same Redis and REDIS_KEY_PREFIX as the web, and has not ${consumerSwitch(queue)}=false.`,
    cause,
  });
}

/**
 * What the reader of a report should know of the target, one sentence each.
 *
 * @param other version by which the scenario replaces the target's, where it does and that is known
 */
export function notesOn(facts: TargetFacts, scenario: Scenario, other?: string): string[] {
  const { version, known, writeMode, writeModeBy, queues } = facts;
  const notes: string[] = [];
  if (!known)
    notes.push(
      `Langfuse ${version} is newer than any version that is known here (${NEWEST_READ}); it is taken to be like that one.`,
    );
  if (writeMode === undefined) notes.push(`The target’s write mode is not known: ${writeModeBy}.`);
  for (const { name, jobs, workers } of queues)
    if (jobs > 0 && workers === 0)
      notes.push(
        `${jobs} jobs wait in ${name}, for which no worker is connected: the target won’t come to rest.`,
      );
  for (const { name } of settingsOf(scenario)) {
    const since = readOnlySince(name, version);
    const isForOther = other !== undefined && readOnlySince(name, other) === undefined;
    if (since && !isForOther)
      notes.push(`${name} has no effect on Langfuse ${version}: it is read from ${since} on.`);
  }
  if (writeMode === 'events_only' && scenario.timeline.some((step) => 'probe' in step || 'inTurn' in step))
    notes.push(
      'Reads are asked of v2/observations and v3/scores: in the write mode events_only the older endpoints answer 404.',
    );
  if (writeMode === 'dual')
    notes.push(
      'In the write mode dual, what comes by the ingestion API is in events_full only after 10 minutes and more; the older tables are judged.',
    );
  return notes;
}

/** The queues through which the scenario's traffic goes: scores have no spans, and go through the first of all versions. */
function queuesOf({ profile }: TargetFacts, protocol: Protocol): IngestionQueueName[] {
  return protocol === 'otlp' && profile.spans === 'raw'
    ? ['otel-ingestion-queue', 'ingestion-queue']
    : ['ingestion-queue'];
}

/** The worker's setting that switches its consumer of a queue off (`worker/src/env.ts`, v3.36.0 to v4.16.0). */
function consumerSwitch(queue: IngestionQueueName): string {
  return `QUEUE_CONSUMER_${queue.toUpperCase().replaceAll('-', '_')}_IS_ENABLED`;
}
