import { ChaosError } from '../base/errors.ts';
import { bindFault } from '../faults/catalogue.ts';
import type { FaultSpec, ReplaceStep, Scenario } from '../scenario/scenario.ts';
import { DEFAULT_VERSION } from '../stack/docker/images.ts';
import { whyNotExternal } from '../stack/external/lacks.ts';
import { type StackSpec, specText } from '../stack/spec.ts';
import { lackOf } from '../stack/stacks.ts';
import { protocolOf } from '../traffic/traffic.ts';
import { isEventsOnly, settingsOfReferenceAlone, spanFormBeforehand } from './own-back-off.ts';

/** Every fault that a scenario's timeline names. */
export function faultsOf({ timeline }: Pick<Scenario, 'timeline'>): FaultSpec[] {
  return timeline.flatMap((step) => [
    ...('fault' in step ? [step.fault] : []),
    ...('inTurn' in step ? step.inTurn.map(({ fault }) => fault) : []),
  ]);
}

/** Every replacement of web or worker that a scenario's timeline names. */
export function replacementsOf({ timeline }: Pick<Scenario, 'timeline'>): ReplaceStep[] {
  return timeline.filter((step) => 'replace' in step);
}

/**
 * Why a scenario can't be run on a stack, a line for each fault that can't be injected there and one for replacements; empty when it can.
 *
 * @param other what web and worker are to be replaced by, if anything
 */
export function whyImpossible(scenario: Scenario, spec: StackSpec, other?: StackSpec): string[] {
  return reasonsAgainst(scenario, spec, other).map(({ why }) => why);
}

/** Why something can't be run as it was asked for. */
interface Reason {
  readonly why: string;
  /** What would make it possible, where that is more than another stack or scenario. */
  readonly remedy?: string;
}

function reasonsAgainst(scenario: Scenario, spec: StackSpec, other: StackSpec | undefined): Reason[] {
  const lines = faultsOf(scenario).flatMap((fault) => {
    const lack = lackOf(spec, bindFault(fault).group, fault.on, fault.name);
    return lack === undefined ? [] : [`${fault.name} on ${fault.on}: ${lack}`];
  });
  const replacing = replacementsOf(scenario).length > 0 ? whyNotReplaced(scenario, spec, other) : undefined;
  const general = spec.kind === 'external' ? whyNotExternal(scenario, spec) : [];
  const idle = spec.kind === 'embedded' ? [] : settingsOfReferenceAlone(scenario).map(idleText);
  return [
    ...[...new Set([...general, ...idle, ...lines])].map((why) => ({ why })),
    ...(replacing === undefined ? [] : [typeof replacing === 'string' ? { why: replacing } : replacing]),
  ];
}

const idleText = (name: string) => `it needs ${name}, which the reference pipeline alone reads`;

function whyNotReplaced(
  scenario: Scenario,
  spec: StackSpec,
  other: StackSpec | undefined,
): string | Reason | undefined {
  if (spec.kind === 'external')
    return 'it replaces web and worker by another version, which at an external target is for its owner to do';
  if (!other) {
    return {
      why: 'it replaces web and worker by another version, and none is named',
      remedy: `name it: add --upgrade-to ${spec.kind}:…, with the version or folder.`,
    };
  }
  if (other.kind !== spec.kind)
    return `${specText(other)} can't take the place of ${specText(spec)}: they do not share a database schema`;
  if (specText(withVersion(other)) === specText(withVersion(spec)))
    return `it would be replaced by ${specText(other)}, which it is already`;
  // After the way back they would be in tables that the own version does not read.
  if (isEventsOnly(other, scenario) && !isEventsOnly(spec, scenario)) {
    return {
      why: `${specText(other)} takes traces and observations over OTLP only and stores them where ${specText(spec)} does not look`,
      remedy:
        'set what Langfuse has for the time between, for example --set LANGFUSE_MIGRATION_V4_WRITE_MODE=dual --set worker.LANGFUSE_MIGRATION_V4_NATIVE_OTEL_BEHAVIOUR=dual_write.',
    };
  }
  return whyNotItsSpans(scenario, spec, other);
}

/** `docker` alone is the pinned version. */
function withVersion(spec: StackSpec): StackSpec {
  return spec.kind === 'docker' ? { ...spec, version: spec.version ?? DEFAULT_VERSION } : spec;
}

/** A span is judged by one way to store it, and each span of a run in the same. */
function whyNotItsSpans(scenario: Scenario, spec: StackSpec, other: StackSpec): string | undefined {
  if (protocolOf(scenario.traffic) !== 'otlp' && !isEventsOnly(spec, scenario)) return undefined;
  const [form, otherForm] = [spanFormBeforehand(spec, scenario), spanFormBeforehand(other, scenario)];
  if (otherForm === 'unknown')
    return `what ${specText(other)} makes of spans is not known; send the traffic to the ingestion API`;
  if (form === undefined || otherForm === undefined || form === otherForm) return undefined;
  return `${specText(other)} stores spans in another way than ${specText(spec)} (${otherForm}, not ${form}), and which of the two had a span can't be told; send the traffic to the ingestion API`;
}

/**
 * Refuses a scenario that can't be run on a stack, before anything is started.
 *
 * @throws ChaosError `E_NOT_ON_STACK`
 */
export function requirePossible(scenario: Scenario, spec: StackSpec, other?: StackSpec): void {
  const reasons = reasonsAgainst(scenario, spec, other);
  if (reasons.length === 0) return;
  const remedies = reasons.flatMap(({ remedy }) => remedy ?? []);
  throw new ChaosError({
    code: 'E_NOT_ON_STACK',
    happened: `${scenario.name} can't be run on ${specText(spec)}: ${reasons.map(({ why }) => why).join('; ')}.`,
    remedy:
      remedies.length === reasons.length
        ? remedies.join(' ')
        : 'run it on another stack, or another scenario on this one.',
  });
}
