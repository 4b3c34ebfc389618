import { z } from 'zod';
import { didYouMean } from '../base/did-you-mean.ts';
import { ChaosError } from '../base/errors.ts';
import { mistakesOf, parametersText } from '../scenario/mistakes.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import type { Capability } from '../stack/capabilities.ts';
import type { Stack } from '../stack/stack.ts';
import { clickhouseDiskFull } from './clickhouse/clickhouse-disk-full.ts';
import { clickhouseMemoryLimit } from './clickhouse/clickhouse-memory-limit.ts';
import { clickhouseReadOnly } from './clickhouse/clickhouse-read-only.ts';
import { clickhouseTooManyParts } from './clickhouse/clickhouse-too-many-parts.ts';
import { clickhouseWiped } from './clickhouse/clickhouse-wiped.ts';
import { clockSkew } from './clock/clock-skew.ts';
import { dnsAaaaOnly } from './dns/dns-aaaa-only.ts';
import { dnsAddressGone } from './dns/dns-address-gone.ts';
import { dnsBlackHole } from './dns/dns-black-hole.ts';
import { dnsEmpty } from './dns/dns-empty.ts';
import { dnsFlapping } from './dns/dns-flapping.ts';
import { dnsRefused } from './dns/dns-refused.ts';
import { dnsServfail } from './dns/dns-servfail.ts';
import { dnsSlow } from './dns/dns-slow.ts';
import { dnsStartedWithoutName } from './dns/dns-started-without-name.ts';
import { dnsUdpOnly } from './dns/dns-udp-only.ts';
import { nameGone } from './dns/name-gone.ts';
import { resolverAway } from './dns/resolver-away.ts';
import type { Fault, FaultParameters } from './fault.ts';
import { clickhouseBreaksOff } from './http/clickhouse-breaks-off.ts';
import { clickhouseError } from './http/clickhouse-error.ts';
import { httpAnswer } from './http/http-answer.ts';
import { httpAnswerLost } from './http/http-answer-lost.ts';
import { s3Denied } from './http/s3-denied.ts';
import { s3ListCutShort } from './http/s3-list-cut-short.ts';
import { s3ObjectCorrupted } from './http/s3-object-corrupted.ts';
import { s3ObjectGone } from './http/s3-object-gone.ts';
import { s3SlowDown } from './http/s3-slow-down.ts';
import { answerLost } from './link/answer-lost.ts';
import { bandwidth } from './link/bandwidth.ts';
import { blackHole } from './link/black-hole.ts';
import { cutAfter } from './link/cut-after.ts';
import { deadUpstream } from './link/dead-upstream.ts';
import { latency } from './link/latency.ts';
import { refused } from './link/refused.ts';
import { reset } from './link/reset.ts';
import { sliced } from './link/sliced.ts';
import { slowClose } from './link/slow-close.ts';
import type { LogSizes } from './logged.ts';
import { postgresOutOfConnections } from './postgres/postgres-out-of-connections.ts';
import { postgresReadOnly } from './postgres/postgres-read-only.ts';
import { killed } from './process/killed.ts';
import { paused } from './process/paused.ts';
import { restartLoop } from './process/restart-loop.ts';
import { restarted } from './process/restarted.ts';
import { rollingRestart } from './process/rolling-restart.ts';
import { startedWithout } from './process/started-without.ts';
import { terminated } from './process/terminated.ts';
import { redisFlushed } from './redis/redis-flushed.ts';
import { redisFull } from './redis/redis-full.ts';
import { redisFullEvicting } from './redis/redis-full-evicting.ts';

/** A fault with its parameters checked and filled in. */
export interface BoundFault {
  /** What it was made from; enough for another process to undo it. */
  readonly spec: FaultSpec;
  /** What it needs of a stack. */
  readonly group: Capability;
  inject(stack: Stack): Promise<void>;
  /** See {@link Fault.meanwhile}; resolves at once for a fault that has none. */
  meanwhile(stack: Stack, signal: AbortSignal): Promise<void>;
  /** See {@link Fault.felt}. */
  felt(stack: Stack, since: number, logs: LogSizes): Promise<string | undefined>;
  recover(stack: Stack): Promise<void>;
  healed(stack: Stack): Promise<string | undefined>;
}

/** One fault of the catalogue, its parameters' type hidden behind `bind`. */
export interface CatalogueEntry
  extends Pick<Fault, 'name' | 'group' | 'summary' | 'feltWhen' | 'healedWhen'> {
  readonly schema: z.ZodType;
  bind(parameters: unknown): BoundFault;
}

function entry<P extends FaultParameters>(fault: Fault<P>): CatalogueEntry {
  return {
    name: fault.name,
    group: fault.group,
    summary: fault.summary,
    feltWhen: fault.feltWhen,
    healedWhen: fault.healedWhen,
    schema: fault.schema,
    bind(raw) {
      const parameters = fault.schema.parse(raw);
      return {
        spec: { ...parameters, name: fault.name },
        group: fault.group,
        inject: (stack) => fault.inject(parameters, stack),
        meanwhile: async (stack, signal) => fault.meanwhile?.(parameters, stack, signal),
        felt: (stack, since, logs) => fault.felt(parameters, stack, since, logs),
        recover: (stack) => fault.recover(parameters, stack),
        healed: (stack) => fault.healed(parameters, stack),
      };
    },
  };
}

/** Every fault that a scenario can name. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  entry(refused),
  entry(deadUpstream),
  entry(blackHole),
  entry(reset),
  entry(latency),
  entry(bandwidth),
  entry(sliced),
  entry(cutAfter),
  entry(answerLost),
  entry(slowClose),
  entry(nameGone),
  entry(dnsServfail),
  entry(dnsRefused),
  entry(dnsEmpty),
  entry(dnsBlackHole),
  entry(dnsSlow),
  entry(dnsAddressGone),
  entry(dnsFlapping),
  entry(dnsAaaaOnly),
  entry(dnsUdpOnly),
  entry(resolverAway),
  entry(dnsStartedWithoutName),
  entry(killed),
  entry(terminated),
  entry(paused),
  entry(restarted),
  entry(restartLoop),
  entry(rollingRestart),
  entry(startedWithout),
  entry(clockSkew),
  entry(httpAnswer),
  entry(httpAnswerLost),
  entry(s3SlowDown),
  entry(s3Denied),
  entry(s3ListCutShort),
  entry(s3ObjectCorrupted),
  entry(s3ObjectGone),
  entry(clickhouseError),
  entry(clickhouseBreaksOff),
  entry(redisFull),
  entry(redisFullEvicting),
  entry(redisFlushed),
  entry(clickhouseReadOnly),
  entry(clickhouseTooManyParts),
  entry(clickhouseDiskFull),
  entry(clickhouseMemoryLimit),
  entry(clickhouseWiped),
  entry(postgresReadOnly),
  entry(postgresOutOfConnections),
];

/**
 * The fault that a scenario's entry names.
 *
 * @throws ChaosError `E_SCENARIO` when the name is unknown or a parameter does not fit
 */
export function bindFault(spec: FaultSpec): BoundFault {
  const { name, ...parameters } = spec;
  const found = CATALOGUE.find((candidate) => candidate.name === name);
  if (!found) {
    const names = CATALOGUE.map((candidate) => candidate.name);
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: `There is no fault named "${name}".${didYouMean(name, names)}`,
      expected: `one of ${names.join(', ')}`,
      remedy: 'correct the name; docs/faults.md says what each fault does.',
    });
  }
  try {
    return found.bind(parameters);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: `The parameters of the fault "${name}" don't fit: ${mistakesOf(error, parameters)}`,
      expected: parametersText(found.schema),
      remedy: 'correct them; docs/faults.md lists what each fault takes.',
    });
  }
}
