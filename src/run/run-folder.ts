import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { CheckpointName, RunRecord } from '../history/run-record.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Where run folders lie unless `LANGFUSE_CHAOS_REPORTS` names another place. */
export function reportsFolder(): string {
  return resolve(process.env.LANGFUSE_CHAOS_REPORTS ?? 'reports');
}

/** Bytes that hold the header of a history, and the beginning of the line after it. */
const LONGEST_HEADER = 64 * 1024;

const list = z.array(z.looseObject({}));

/** As much of run.json as a judgement can't do without; what else it holds is shown as it is. */
const runShape = z.looseObject({
  id: z.string(),
  scenario: z.looseObject({ name: z.string(), proves: z.string() }),
  seed: z.string(),
  command: z.string(),
  projectId: z.string(),
  startedAt: z.number(),
  phases: list,
  faults: list,
  probes: list,
  samples: list,
  recovery: list,
  doubts: list,
});

/** The same of scenario.json. Not the whole schema: a rule that is newer than a run does not keep it from being judged. */
const scenarioShape = z.looseObject({
  name: z.string(),
  timeline: list,
  recovery: z.array(z.string()),
  expect: list,
});

/** The files of one run. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The run's id. */
  get name(): string {
    return basename(this.path);
  }
  /** What happened: {@link RunRecord}. */
  get runFile(): string {
    return join(this.path, 'run.json');
  }
  /** The scenario as it was run. */
  get scenarioFile(): string {
    return join(this.path, 'scenario.json');
  }
  get historyFile(): string {
    return join(this.path, 'history.jsonl');
  }
  get journalFile(): string {
    return join(this.path, 'journal.jsonl');
  }
  /** Held by whoever undoes the faults of the journal from outside. */
  get journalLock(): string {
    return join(this.path, 'journal.lock');
  }
  /** What the watchdog saw and did; empty after a good run. */
  get watchdogLogFile(): string {
    return join(this.path, 'watchdog.log');
  }
  /** When which marks were first seen in ClickHouse. */
  get sightingsFile(): string {
    return join(this.path, 'sightings.jsonl');
  }
  get verdictFile(): string {
    return join(this.path, 'verdict.json');
  }
  get htmlFile(): string {
    return join(this.path, 'report.html');
  }
  get junitFile(): string {
    return join(this.path, 'junit.xml');
  }
  get markdownFile(): string {
    return join(this.path, 'summary.md');
  }
  /** Every probe and its answer; only of a run that has probes. */
  get probesFile(): string {
    return join(this.path, 'probes.csv');
  }
  /** Logs of the stack's processes. */
  get logsFolder(): string {
    return join(this.path, 'logs');
  }
  checkpointFile(name: CheckpointName): string {
    return join(this.path, 'checkpoints', `${name}.jsonl`);
  }

  /** Writes a file as {@link RunFolder.write} does. */
  writeJson(file: string, value: unknown): void {
    this.write(file, `${JSON.stringify(value, null, 2)}\n`);
  }

  /**
   * Written whole or not at all, so that a killed harness leaves the previous one.
   *
   * @throws ChaosError `E_RUN_FOLDER` when it can't be written, for example on a full disk
   */
  write(file: string, text: string): void {
    writing(file, () => {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    });
  }

  /** The stored scenario. */
  readScenario(): Scenario {
    return this.#hold(scenarioShape, this.#read(this.scenarioFile), this.scenarioFile) as unknown as Scenario;
  }

  /** The stored run record. @throws ChaosError `E_RUN_FOLDER` when it is missing, not JSON or of another version */
  readRun(): RunRecord {
    const run = this.#read(this.runFile) as Partial<RunRecord> | null;
    if (run?.version !== 1) {
      throw new ChaosError({
        code: 'E_RUN_FOLDER',
        happened: `${this.runFile} has format version ${String(run?.version)}.`,
        expected: 'version 1',
        remedy: 'judge it with the version of langfuse-chaos that wrote it.',
      });
    }
    return this.#hold(runShape, run, this.runFile) as unknown as RunRecord;
  }

  /** Holds what was read against the shape that the rest relies on. */
  #hold<T>(shape: z.ZodType<T>, value: unknown, file: string): T {
    const result = shape.safeParse(value);
    if (result.success) return result.data;
    throw new ChaosError({
      code: 'E_RUN_FOLDER',
      happened: `${file} is damaged:\n${z.prettifyError(result.error)}`,
      expected: 'the file as a run writes it',
      remedy: 'look whether it was edited; its run cannot be judged from it.',
    });
  }

  #read(file: string): unknown {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new ChaosError({
        code: 'E_RUN_FOLDER',
        happened: `${this.path} is not a whole run folder: ${messageOf(error)}.`,
        expected: `a readable ${file}`,
        remedy: 'give the path of a folder below reports/, for example reports/latest.',
        cause: error,
      });
    }
  }
}

/**
 * Carries out what writes below the reports folder.
 *
 * @throws ChaosError `E_RUN_FOLDER` when it fails, for example on a full disk
 */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new ChaosError({
      code: 'E_RUN_FOLDER',
      happened: `${path} can't be written: ${messageOf(error)}.`,
      remedy:
        'make room on that disk, or set LANGFUSE_CHAOS_REPORTS to a folder that can be written; then run again.',
      cause: error,
    });
  }
}

/** False when there is one of that name already: two runs began in the same second. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @throws ChaosError `E_RUN_FOLDER` when it can't be written */
export function createRunFolder(id: string): RunFolder {
  let folder = new RunFolder(join(reportsFolder(), id));
  return writing(folder.path, () => {
    mkdirSync(reportsFolder(), { recursive: true });
    for (let again = 2; !makeFolder(folder.path); again += 1) {
      folder = new RunFolder(join(reportsFolder(), `${id}-${again}`));
    }
    mkdirSync(join(folder.path, 'checkpoints'));
    return folder;
  });
}

/**
 * Makes `latest` that run: once it is about to send something, since a start that failed leaves nothing to judge and would hide the run
 * before it. It is a convenience: where it can't be made, as on a file system without links or with a folder of that name there, the run goes
 * on.
 *
 * @returns why it does not lead there; undefined when it does
 */
export function makeLatest(folder: RunFolder): string | undefined {
  const link = join(dirname(folder.path), 'latest');
  const next = `${link}.${process.pid}`;
  try {
    symlinkSync(folder.name, next);
    renameSync(next, link);
    return undefined;
  } catch (error) {
    rmSync(next, { force: true });
    return `\`latest\` does not lead to this run: ${messageOf(error)}.`;
  }
}

/**
 * Said of a run that did not come to its end: where what there is of it lies, and how to have it judged where something was sent.
 *
 * @param isRecorded whether what happened to the end is in its record
 */
export function whatIsLeft(folder: RunFolder, isRecorded: boolean): string[] {
  const lines = [`run folder: ${relative('', folder.path)}`];
  // The command comes first: a narrow terminal cuts off the end.
  if (isRecorded && hasSent(folder))
    lines.push(`npx langfuse-chaos verify ${folder.name} judges what was sent`);
  return lines;
}

/** Whether anything was sent: the line after the header of a history says so; a history without it ends there. */
export function hasSent({ historyFile }: RunFolder): boolean {
  if (!existsSync(historyFile)) return false;
  const file = openSync(historyFile, 'r');
  try {
    const start = Buffer.alloc(LONGEST_HEADER);
    const [, second = ''] = start.toString('utf8', 0, readSync(file, start)).split('\n');
    return second.startsWith('{"kind":"sent"');
  } finally {
    closeSync(file);
  }
}

/** The folder that a user named: a path, or the name of a folder below the reports folder. */
export function openRunFolder(named: string): RunFolder {
  const path = [resolve(named), join(reportsFolder(), named)].find((candidate) => existsSync(candidate));
  if (path) return new RunFolder(path);
  throw new ChaosError({
    code: 'E_RUN_FOLDER',
    happened: `There is no run folder ${named}.`,
    expected: `a folder, or the name of one below ${reportsFolder()}`,
    remedy: 'name one of them, for example `latest`.',
  });
}
