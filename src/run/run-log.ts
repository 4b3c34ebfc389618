import type { Clock } from '../base/clock.ts';
import { withSecretsHidden } from '../base/secret-settings.ts';
import { thenAlways } from '../base/then-always.ts';
import type {
  FaultRecord,
  GuideRecord,
  OddTrafficRecord,
  PhaseRecord,
  ProbeRecord,
  RecoveryRecord,
  ReplacementRecord,
  RunRecord,
  Sample,
} from '../history/run-record.ts';
import type { TargetFacts } from '../langfuse/target-facts.ts';
import type { LiveView } from '../report/live.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type StackSpec, specText } from '../stack/spec.ts';
import type { Stack } from '../stack/stack.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * Writes down what happens in a run, in `run.json` and on the live view. The file is written anew after every phase, so a killed
 * run leaves one that tells how far it came.
 */
export class RunLog {
  readonly run: RunRecord;
  readonly #folder: RunFolder;
  readonly #view: LiveView;
  readonly #clock: Clock;

  constructor(
    folder: RunFolder,
    view: LiveView,
    clock: Clock,
    {
      scenario,
      seed,
      command,
      spec,
      asExpected,
      other,
    }: {
      scenario: Scenario;
      seed: string;
      command: string;
      spec: StackSpec;
      asExpected?: boolean | undefined;
      other?: StackSpec | undefined;
    },
  ) {
    const shown = withSecretsHidden(scenario);
    this.#folder = folder;
    this.#view = view;
    this.#clock = clock;
    this.run = {
      version: 1,
      id: folder.name,
      scenario: {
        name: scenario.name,
        proves: scenario.proves,
        ...(scenario.reproduces ? { reproduces: scenario.reproduces } : {}),
        ...(scenario.failsOnV3360With ? { failsOnV3360With: scenario.failsOnV3360With } : {}),
        ...(shown.settings ? { settings: shown.settings } : {}),
      },
      seed,
      command,
      ...(asExpected ? { asExpected } : {}),
      target: specText(spec),
      ...(other ? { other: specText(other) } : {}),
      ...(spec.kind === 'embedded'
        ? {
            reference: {
              pipeline: spec.pipeline,
              ...(spec.defect === undefined ? {} : { defect: spec.defect }),
            },
          }
        : {}),
      stack: '',
      versions: {},
      projectId: '',
      startedAt: clock.now(),
      phases: [],
      faults: [],
      probes: [],
      samples: [],
      recovery: [],
      doubts: [],
    };
    folder.writeJson(folder.scenarioFile, shown);
    this.#save();
  }

  /** Carries out one phase and notes when it began and ended. */
  phase<T>(name: PhaseRecord['name'], work: () => Promise<T>): Promise<T> {
    const record: PhaseRecord = { name, startedAt: this.#clock.now() };
    this.run.phases.push(record);
    this.#view.phase(name);
    return thenAlways(work, () => {
      record.endedAt = this.#clock.now();
      this.#save();
    });
  }

  stackIsUp(stack: Stack): void {
    this.run.stack = stack.spec.kind;
    this.run.versions = stack.versions;
    this.run.projectId = stack.target.projectId;
  }

  /** @param notes what the reader should know of it, one sentence each */
  found(facts: TargetFacts, notes: readonly string[]): void {
    const { version, known, profile, writeMode, writeModeBy, queues, tables, clickhouseVersion } = facts;
    this.run.langfuse = {
      version,
      known,
      profile: profile.from,
      ...(writeMode === undefined ? {} : { writeMode }),
      writeModeBy,
      queues: queues.map(({ prefix, name }) => `${prefix}:${name}`),
      tables,
      clickhouse: clickhouseVersion,
      notes,
    };
    for (const note of notes) this.#view.note(note);
  }

  /** The scenario as it is carried out, where the target made that another than was asked for. */
  scenarioChanged(scenario: Scenario): void {
    this.#folder.writeJson(this.#folder.scenarioFile, withSecretsHidden(scenario));
  }

  trafficStarted(): void {
    this.run.traffic = { startedAt: this.#clock.now() };
  }

  trafficEnded(): void {
    if (this.run.traffic) this.run.traffic.endedAt = this.#clock.now();
  }

  sample(sample: Sample): void {
    this.run.samples.push(sample);
    this.#view.sample(sample);
  }

  /** A fault came one step further. */
  fault(record: FaultRecord): void {
    if (!this.run.faults.includes(record)) this.run.faults.push(record);
    this.#view.fault(record);
  }

  /** @param records without secrets */
  probed(records: readonly ProbeRecord[]): void {
    this.run.probes.push(...records);
    for (const { label, endpoint, status } of records)
      this.#view.note(`probe (${label}): ${endpoint} → ${status ?? 'no answer'}`);
  }

  replaced(record: ReplacementRecord): void {
    this.run.replacements ??= [];
    this.run.replacements.push(record);
    const { process, target, at, answeredAt } = record;
    this.#view.note(
      `${process} is ${target} now; it was away for ${((answeredAt - at) / 1000).toFixed(1)} s`,
    );
  }

  sentOdd(record: OddTrafficRecord): void {
    this.run.oddTraffic ??= [];
    this.run.oddTraffic.push(record);
  }

  recovered(record: RecoveryRecord): void {
    this.run.recovery.push(record);
  }

  /** @param record without secrets */
  guided(record: GuideRecord): void {
    this.run.runbook ??= [];
    this.run.runbook.push(record);
    this.#view.note(`${record.step}: ${record.did}`);
  }

  /** Something happened that the reader of the live view should know. */
  changed(text: string): void {
    this.#view.note(text);
  }

  /** Something happened that the user has to do something about. */
  warn(text: string): void {
    this.#view.warn(text);
  }

  doubt(code: string, text: string): void {
    this.run.doubts.push({ code, text });
    this.#view.note(text);
  }

  /** @throws ChaosError `E_RUN_FOLDER` when it can't be written */
  end(): void {
    this.run.endedAt = this.#clock.now();
    this.#save();
  }

  #save(): void {
    this.#folder.writeJson(this.#folder.runFile, this.run);
  }
}
