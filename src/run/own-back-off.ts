import { type Profile, profileOf, type WriteMode } from '../langfuse/profile.ts';
import { NEWEST_READ } from '../langfuse/profiles.ts';
import { type SpanForm, spanFormOf } from '../langfuse/span-events.ts';
import { DEFAULT_SETTLE_TIMEOUT } from '../scenario/plan.ts';
import type { Scenario, TimelineStep } from '../scenario/scenario.ts';
import { DEFAULT_VERSION } from '../stack/docker/images.ts';
import { readCheckout } from '../stack/source/checkout.ts';
import type { StackSpec } from '../stack/spec.ts';
import { APP_PROCESSES } from '../stack/stack.ts';
import { overOtlp } from '../traffic/traffic.ts';
import { isReferenceOnly } from './settings.ts';

/** The variable by which a scenario makes the reference pipeline's retries quicker; a real Langfuse has none like it. */
const SCALE = 'REFERENCE_BACKOFF_SCALE';

/** Runs of a job of the reference pipeline, as of Langfuse v3.36.0. */
const REFERENCE_ATTEMPTS = 5;
/** Seconds before the second run; doubled each time (packages/shared/src/server/redis/ingestionQueue.ts). */
const FIRST_RETRY = 5;

/** Settings of a scenario without which it can't be what it is, and that a real Langfuse does not read. */
export function settingsOfReferenceAlone({ settings = {} }: Pick<Scenario, 'settings'>): string[] {
  const names = APP_PROCESSES.flatMap((process) => Object.keys(settings[process] ?? {}));
  return [...new Set(names)].filter((name) => isReferenceOnly(name) && name !== SCALE);
}

/**
 * A scenario as it is carried out on a stack. On the reference pipeline that is as it stands. A real Langfuse takes its own time between
 * a job's attempts: settings that only the reference reads are left out; the time to settle, and faults that are to outlast
 * the attempts, are longer by what those last longer; steps that come when the attempts are used up come as much later.
 */
export function forTarget(scenario: Scenario, spec: StackSpec): Scenario {
  if (spec.kind === 'embedded') return scenario;
  return withOwnBackOff(scenario, attemptsOf(spec));
}

/** What {@link forTarget} does for a Langfuse whose jobs have so many attempts. */
export function withOwnBackOff(scenario: Scenario, attempts: number): Scenario {
  const scale = Number(scenario.settings?.web?.[SCALE] || 1);
  const scaled = scale * secondsOf(REFERENCE_ATTEMPTS);
  const longer = secondsOf(attempts) - scaled;
  const { settings, traffic, ...rest } = scenario;
  const own = settings && withoutReference(settings);
  return {
    ...rest,
    traffic: longEnough(scenario, longer),
    ...(own ? { settings: own } : {}),
    timeline: stretched(scenario.timeline, scaled, longer),
    settleTimeout: (scenario.settleTimeout ?? DEFAULT_SETTLE_TIMEOUT) + longer,
  };
}

/** Web and worker are replaced in the middle of the traffic: where that comes later, the traffic goes on for longer. */
function longEnough({ traffic, timeline }: Scenario, longer: number): Scenario['traffic'] {
  if (traffic.kind !== 'generated' || !timeline.some((step) => 'replace' in step)) return traffic;
  return { ...traffic, duration: traffic.duration + longer * timeline.filter(outlastsAttempts).length };
}

/** Seconds from a job's first attempt to its last. */
function secondsOf(attempts: number): number {
  return FIRST_RETRY * (2 ** (attempts - 1) - 1);
}

function stretched(timeline: readonly TimelineStep[], scaled: number, longer: number): TimelineStep[] {
  const usedUp = timeline.flatMap((step) => (outlastsAttempts(step) ? [step.at + scaled] : []));
  const laterBy = (at: number) => longer * usedUp.filter((moment) => moment <= at).length;
  return timeline.map((step) => {
    const at = step.at + laterBy(step.at);
    if (!('for' in step)) return { ...step, at };
    return { ...step, at, for: step.for + laterBy(step.at + step.for) - laterBy(step.at) };
  });
}

const outlastsAttempts = (step: TimelineStep) => 'outlastsAttempts' in step && step.outlastsAttempts === true;

function withoutReference(settings: NonNullable<Scenario['settings']>): Scenario['settings'] {
  return Object.fromEntries(
    Object.entries(settings).map(([process, variables]) => [
      process,
      Object.fromEntries(Object.entries(variables).filter(([name]) => !isReferenceOnly(name))),
    ]),
  );
}

/**
 * A scenario as it is carried out on two stacks that are compared, the same on both: for the one whose jobs have more attempts, and over
 * OTLP where one of them takes traces and observations only so by default.
 */
export function forBoth(scenario: Scenario, one: StackSpec, other: StackSpec): Scenario {
  const real = [one, other].filter(({ kind }) => kind !== 'embedded');
  if (real.length === 0) return scenario;
  const own = withOwnBackOff(scenario, Math.max(...real.map(attemptsOf)));
  const spans = real.some((spec) => isEventsOnly(spec, scenario)) ? overOtlp(own.traffic) : undefined;
  return spans ? { ...own, traffic: spans } : own;
}

/** A scenario with its traffic as it is sent to a stack, as far as that is known beforehand: over OTLP to a Langfuse that takes it only so. */
export function asSentTo(scenario: Scenario, spec: StackSpec): Scenario {
  const spans = isEventsOnly(spec, scenario) ? overOtlp(scenario.traffic) : undefined;
  return spans ? { ...scenario, traffic: spans } : scenario;
}

/** Whether a stack's Langfuse refuses traces and observations at the ingestion API, as far as its version and the settings tell. */
export function isEventsOnly(spec: StackSpec, { settings = {} }: Pick<Scenario, 'settings'>): boolean {
  // An external one is asked when the run begins.
  if (spec.kind === 'embedded' || spec.kind === 'external') return false;
  return writeModeOf(profileOf(versionOf(spec)).profile, settings) === 'events_only';
}

/**
 * What a stack's Langfuse makes of spans, `unknown` where that was not read of its version; undefined where the version is told only by
 * what runs.
 */
export function spanFormBeforehand(
  spec: StackSpec,
  { settings = {} }: Pick<Scenario, 'settings'>,
): SpanForm | 'unknown' | undefined {
  // Both reference pipelines.
  if (spec.kind === 'embedded') return 'web converts';
  if (spec.kind === 'external' || (spec.kind === 'docker' && spec.version === undefined)) return undefined;
  const { profile } = profileOf(versionOf(spec));
  return profile.spanContentKnown ? spanFormOf(profile, writeModeOf(profile, settings)) : 'unknown';
}

/** A version that can't choose does not read the setting. */
function writeModeOf(
  { writeModes }: Profile,
  settings: NonNullable<Scenario['settings']>,
): WriteMode | undefined {
  const chosen = settings.web?.LANGFUSE_MIGRATION_V4_WRITE_MODE;
  return writeModes.find((mode) => mode === chosen) ?? writeModes[0];
}

/** How often a job of a stack's Langfuse is run; of one whose version is not known before it is asked, as of the newest. */
function attemptsOf(spec: StackSpec): number {
  const { queues } = profileOf(versionOf(spec)).profile;
  return queues['ingestion-queue']?.attempts ?? REFERENCE_ATTEMPTS;
}

/** Of the reference pipeline and of an external target nothing is known before they are asked. */
function versionOf(spec: StackSpec): string {
  if (spec.kind === 'source') return readCheckout(spec.directory).version;
  return spec.kind === 'docker' ? (spec.version ?? DEFAULT_VERSION) : NEWEST_READ;
}
