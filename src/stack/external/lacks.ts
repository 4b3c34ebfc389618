import { shownValue } from '../../base/secret-settings.ts';
import type { FaultSpec, Scenario } from '../../scenario/scenario.ts';
import type { Capability } from '../capabilities.ts';
import type { StackSpec } from '../spec.ts';
import { APP_PROCESSES, type Link } from '../stack.ts';
import { HOOKS_OF } from './allowable.ts';
import { readExternalFile } from './read-file.ts';
import type { ExternalTarget, Hooked } from './schema.ts';

type ExternalSpec = Extract<StackSpec, { readonly kind: 'external' }>;

const NEVER: Readonly<Partial<Record<Capability, string>>> = {
  dns: 'its names are resolved by a server that is not ours',
  http: 'no proxy of ours that understands HTTP stands on its links',
  clickhouse: 'settings and data of its ClickHouse are never touched',
  redis: 'settings and data of its Redis are never touched',
  postgres: 'settings and data of its Postgres are never touched',
  clock: 'its clocks are never touched',
};

/**
 * Why a fault can't be injected at an external target; undefined where it can. Nothing can that its owner has not listed.
 *
 * @throws ChaosError `E_EXTERNAL_FILE`
 */
export function lackOfExternal(
  spec: ExternalSpec,
  capability: Capability,
  on: string,
  fault: string,
): string | undefined {
  return (
    whyNotAllowed(readExternalFile(spec.file), capability, on, fault) ??
    (spec.faultsConfirmed
      ? undefined
      : 'nobody has agreed to it: `run` asks on a terminal, and takes --yes-inject-faults elsewhere')
  );
}

/** Why a target's file does not allow a fault. */
export function whyNotAllowed(
  { allow, hooks, toxiproxy }: ExternalTarget,
  capability: Capability,
  on: string,
  fault: string,
): string | undefined {
  const never = NEVER[capability];
  if (never) return never;
  const needed = HOOKS_OF[fault] ?? [];
  if (capability === 'process' && needed.length === 0)
    return `of the faults of a process only ${Object.keys(HOOKS_OF).join(', ')} can be seen from outside`;
  const place = on.replace('->', '→');
  if (!allow.faults.some((each) => each.on === place && each.faults.includes(fault)))
    return 'its owner has not listed it in allow.faults';
  if (capability === 'link')
    return toxiproxy?.proxies[place as Link] ? undefined : 'the file names no proxy of that link';
  const missing = needed.filter((name) => !hooks[place as Hooked]?.[name]);
  return missing.length > 0 ? `hooks.${place} has no command for ${missing.join(' and ')}` : undefined;
}

/**
 * Settings that a scenario asks for and that any deployment may do without: those of the reference pipeline, which only make it quicker, and
 * the delay of a job, which is the stack's own 0 where a scenario does not say otherwise and at least as long in every Langfuse.
 */
const isSpared = (name: string) =>
  name.startsWith('REFERENCE_') || name === 'LANGFUSE_INGESTION_QUEUE_DELAY_MS';

/** Settings that a scenario asks for and that are not applied. */
export function sparedSettings({ settings = {} }: Pick<Scenario, 'settings'>): string[] {
  return APP_PROCESSES.flatMap((process) =>
    Object.entries(settings[process] ?? {})
      .filter(([name]) => isSpared(name))
      .map(([name, value]) => `${process}.${name}=${shownValue(name, value)}`),
  );
}

/**
 * Why a scenario can't be run on an external target, whatever its faults; empty where it can.
 *
 * @throws ChaosError `E_EXTERNAL_FILE`
 */
export function whyNotExternal(scenario: Scenario, { file }: ExternalSpec): string[] {
  const { settings, worker, allow } = readExternalFile(file);
  const wanted = APP_PROCESSES.flatMap((process) =>
    Object.entries(scenario.settings?.[process] ?? {})
      .filter(([name, value]) => !isSpared(name) && settings[process]?.[name] !== value)
      .map(([name, value]) => `${process}.${name}=${shownValue(name, value)}`),
  );
  const { timeline } = scenario;
  const probes = timeline.some((step) => 'probe' in step);
  const recovers = timeline.flatMap((step) => ('recover' in step ? [step.recover] : []));
  return [
    wanted.length > 0 &&
      `it proves what it does with ${wanted.join(', ')}, which is not set there by us; where the deployment has it, say so in \`settings\` of the file`,
    scenario.redisAppendOnly !== undefined &&
      'it needs a Redis of its own, with or without an append-only file',
    timeline.some((step) => 'send' in step) &&
      'its odd traffic may make ClickHouse refuse the rows of others that are in the same INSERT',
    probes && !worker && 'it asks the worker, whose address (worker.url) the file does not have',
    recovers.some((step) => step.startsWith('guide:')) &&
      'steps of the common guide touch the jobs of every project',
    recovers.length > 0 &&
      !allow.recovery &&
      'it recovers in the middle of the traffic, which the file does not allow (allow.recovery)',
  ].filter((reason) => reason !== false);
}

/** The faults of a scenario, in words, as one is asked whether they may be injected. */
export function faultsText(faults: readonly FaultSpec[]): string[] {
  return [...new Set(faults.map(({ name, on }) => `${name} on ${on}`))];
}
