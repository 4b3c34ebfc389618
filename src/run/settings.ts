import { didYouMean } from '../base/did-you-mean.ts';
import { ChaosError } from '../base/errors.ts';
import { HIDDEN, shownValue } from '../base/secret-settings.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { VARIABLES } from '../stack/embedded/variables.ts';
import { type StackSpec, specText } from '../stack/spec.ts';
import { APP_PROCESSES, type AppProcess } from '../stack/stack.ts';

/** One variable of the application's environment, chosen on the command line. */
export interface Setting {
  /** Which processes get it. */
  readonly processes: readonly AppProcess[];
  /** Langfuse's name, for example `LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS`. */
  readonly name: string;
  readonly value: string;
}

/** One setting with all the values that it is to be tried with. */
export interface Axis extends Omit<Setting, 'value'> {
  readonly values: readonly string[];
}

/** Runs of one command; beyond it somebody has mistyped. */
const MOST_COMBINATIONS = 100;

/**
 * Reads `worker.NAME=VALUE`, `web.NAME=VALUE`, or `NAME=VALUE` for both processes. An empty value is one: Langfuse takes it for unset.
 *
 * @throws ChaosError `E_USAGE` that says what to write
 */
export function parseSetting(text: string): Setting {
  const { processes, name, rest } = split(
    text,
    '--set worker.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS=1000',
  );
  return { processes, name, value: rest };
}

/**
 * Reads `worker.NAME=VALUE,VALUE,…`, the process as in {@link parseSetting}.
 *
 * @throws ChaosError `E_USAGE` that says what to write
 */
export function parseAxis(text: string): Axis {
  const example = '--matrix worker.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS=3,1000';
  const { processes, name, rest } = split(text, example);
  const values = rest.split(',');
  if (values.includes('') || new Set(values).size < values.length) {
    throw usage(`The values of "${shownText(text)}" are empty or not all different.`, `\`${example}\``);
  }
  return { processes, name, values };
}

/**
 * Every combination of the axes' values, the last axis changing fastest; without an axis the one empty combination.
 *
 * @throws ChaosError `E_USAGE` when one setting has two axes, or there are more than 100 combinations
 */
export function combinations(axes: readonly Axis[]): Setting[][] {
  const varied = axes.flatMap(({ processes, name }) => processes.map((each) => `${each}.${name}`));
  const twice = varied.find((each, index) => varied.indexOf(each) < index);
  if (twice) throw usage(`${twice} is varied twice.`, 'all its values in one --matrix');
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > MOST_COMBINATIONS) {
    throw usage(`That are ${count} combinations, each a run of its own.`, `at most ${MOST_COMBINATIONS}`);
  }
  return axes.reduce<Setting[][]>(
    (soFar, { values, ...which }) =>
      soFar.flatMap((settings) => values.map((value) => [...settings, { ...which, value }])),
    [[]],
  );
}

/**
 * Refuses settings of a scenario, or of the command line, that what is tested would not take. Of a real Langfuse any name is taken: each
 * version has its own, and what the reference pipeline alone reads is left out there (own-back-off.ts).
 *
 * @throws ChaosError `E_USAGE`
 */
export function requireTakenBy(spec: StackSpec, settings: readonly (Setting | Axis)[]): void {
  if (spec.kind === 'embedded') requireRead(settings, VARIABLES);
}

/**
 * Refuses settings of the command line that have no effect on what is tested.
 *
 * @throws ChaosError `E_USAGE`
 */
export function requireEffect(spec: StackSpec, settings: readonly (Setting | Axis)[]): void {
  requireTakenBy(spec, settings);
  const idle = settings.find(({ name }) => spec.kind !== 'embedded' && isReferenceOnly(name));
  if (!idle) return;
  throw new ChaosError({
    code: 'E_USAGE',
    happened: `${idle.name} is read by the reference pipeline alone, and ${specText(spec)} is a real Langfuse.`,
    remedy: 'leave it out: a setting that nobody reads proves nothing.',
  });
}

/** Whether a variable is one of the reference pipeline's own, which no Langfuse reads. */
export function isReferenceOnly(name: string): boolean {
  return name.startsWith('REFERENCE_');
}

/**
 * Refuses settings that no process would read: a run with a name that is mistyped would show that it changes nothing. And values with
 * which a process would not start.
 *
 * @param variables what each process reads: of each variable what says of a value what it must be, undefined where it can be read
 * @throws ChaosError `E_USAGE`
 */
export function requireRead(
  settings: readonly (Setting | Axis)[],
  variables: Readonly<Record<AppProcess, Readonly<Record<string, (value: string) => string | undefined>>>>,
): void {
  for (const { processes, name, ...given } of settings) {
    const readers = APP_PROCESSES.filter((process) => Object.hasOwn(variables[process], name));
    const values = 'values' in given ? given.values : [given.value];
    for (const process of processes.filter((each) => readers.includes(each))) {
      for (const value of values) requireTaken(process, name, value, variables[process][name]?.(value));
    }
    if (processes.some((process) => readers.includes(process))) continue;
    const known = [...new Set(processes.flatMap((process) => Object.keys(variables[process])))].sort();
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `The ${processes.join(' and the ')} of the reference pipeline ${processes.length > 1 ? 'do' : 'does'} not read ${name}.${readers.length > 0 ? '' : didYouMean(name, known)}`,
      expected: readers.length > 0 ? `${readers[0]}.${name}` : `one of ${known.join(', ')}`,
      remedy: 'correct the name: a setting that nobody reads proves nothing.',
    });
  }
}

function requireTaken(process: AppProcess, name: string, value: string, expected: string | undefined): void {
  if (expected === undefined) return;
  throw new ChaosError({
    code: 'E_USAGE',
    happened: `The ${process} of the reference pipeline does not start with ${name}=${shownValue(name, value)}.`,
    expected,
    remedy: 'correct the value.',
  });
}

/**
 * Refuses settings that were copied from where secrets are hidden, such as the command that repeats a run, or a stored scenario.
 *
 * @throws ChaosError `E_USAGE`
 */
export function requireWritten(scenario: Pick<Scenario, 'settings'>): void {
  const hidden = settingsOf(scenario).find(({ value }) => value === HIDDEN);
  if (!hidden) return;
  throw new ChaosError({
    code: 'E_USAGE',
    happened: `The value of ${settingName(hidden)} is not known: ${HIDDEN} stands for a secret that is not written down.`,
    expected: 'the value itself',
    remedy: `run the scenario with \`--set ${settingName(hidden)}=…\` and the value in it.`,
  });
}

/** The settings of a scenario, one by one. */
export function settingsOf({ settings = {} }: Pick<Scenario, 'settings'>): Setting[] {
  return APP_PROCESSES.flatMap((process) =>
    Object.entries(settings[process] ?? {}).map(([name, value]) => ({ processes: [process], name, value })),
  );
}

/** The scenario with these settings on top of its own; of two of the same name the later one counts. */
export function withSettings(scenario: Scenario, settings: readonly Setting[]): Scenario {
  if (settings.length === 0) return scenario;
  const changed: Partial<Record<AppProcess, Record<string, string>>> = {};
  for (const process of APP_PROCESSES) {
    const own = settings.filter(({ processes }) => processes.includes(process));
    const all = {
      ...scenario.settings?.[process],
      ...Object.fromEntries(own.map(({ name, value }) => [name, value])),
    };
    if (Object.keys(all).length > 0) changed[process] = all;
  }
  return { ...scenario, settings: changed };
}

/** A setting as `--set` takes it, but for the value of a secret. */
export function settingText({ processes, name, value }: Setting): string {
  return `${settingName({ processes, name })}=${shownValue(name, value)}`;
}

/** Process and name as `--set` takes them. */
export function settingName({ processes, name }: Pick<Setting, 'processes' | 'name'>): string {
  return processes.length > 1 ? name : `${processes[0]}.${name}`;
}

function split(text: string, example: string): Pick<Setting, 'processes' | 'name'> & { rest: string } {
  const expected = `PROCESS.NAME=VALUE with ${APP_PROCESSES.join(' or ')} as process, or NAME=VALUE for both: \`${example}\``;
  const equals = text.indexOf('=');
  if (equals < 0) throw usage(`"${text}" has no "=".`, expected);
  const left = text.slice(0, equals);
  const dot = left.indexOf('.');
  const process = dot < 0 ? undefined : left.slice(0, dot);
  const name = left.slice(dot + 1);
  if (process !== undefined && !APP_PROCESSES.some((known) => known === process)) {
    throw usage(`"${shownText(text)}" names the process "${process}", which there is not.`, expected);
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw usage(`"${shownText(text)}" names "${name}", which is no variable of an environment.`, expected);
  }
  const processes = process === undefined ? APP_PROCESSES : [process as AppProcess];
  return { processes, name, rest: text.slice(equals + 1) };
}

/** What was typed, without a secret. */
function shownText(text: string): string {
  const [name = ''] = text.split('=', 1);
  return `${name}=${shownValue(name, text.slice(name.length + 1))}`;
}

function usage(happened: string, expected: string): ChaosError {
  return new ChaosError({
    code: 'E_USAGE',
    happened,
    expected,
    remedy: 'write it so; `langfuse-chaos run --help` has examples.',
  });
}
