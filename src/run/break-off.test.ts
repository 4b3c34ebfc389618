import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { openHistoryWriter } from '../history/writer.ts';
import { SILENT } from '../report/live-silent.ts';
import { DEFAULT_SPEC } from '../stack/spec.ts';
import { AbortConditionMet } from './abort-watch.ts';
import { breakOff, saidWhetherSent } from './break-off.ts';
import { loadScenario } from './load-scenario.ts';
import { RunFolder } from './run-folder.ts';
import { RunLog } from './run-log.ts';

let folder: RunFolder;
let log: RunLog;
let notes: string[];
let warnings: string[];
beforeEach(async () => {
  folder = new RunFolder(mkdtempSync(join(tmpdir(), 'break-off-')));
  mkdirSync(join(folder.path, 'checkpoints'));
  notes = [];
  warnings = [];
  const view = {
    ...SILENT,
    note: (text: string) => notes.push(text),
    warn: (text: string) => warnings.push(text),
  };
  const scenario = await loadScenario('steady-state');
  log = new RunLog(folder, view, systemClock, { scenario, seed: '1', command: 'run', spec: DEFAULT_SPEC });
});
afterEach(() => {
  rmSync(folder.path, { recursive: true });
});

const notRestored = new ChaosError({
  code: 'E_EXTERNAL_RESTORE',
  happened: 'The target mine is not as it was.',
  remedy: 'run `langfuse-chaos down 1234`.',
});

const fullDisk = new ChaosError({ code: 'E_HISTORY_WRITE', happened: 'No space.', remedy: 'make room.' });

test('an error is one in the middle once something was sent', () => {
  const history = startHistory();
  expect(saidWhetherSent(fullDisk, folder)).toBe(fullDisk);
  history.sent({ at: 1, path: '/api/public/ingestion', bodyJson: '{}' });
  const said = saidWhetherSent(fullDisk, folder);
  expect(said).toMatchObject({ message: fullDisk.message, parts: { afterSending: true }, cause: fullDisk });
  const other = new Error('interrupted');
  expect(saidWhetherSent(other, folder)).toBe(other);
});

test('a run that was stopped is not judged where its record can’t be written: the one before does not say that it was', () => {
  startHistory().close();
  symlinkSync('/dev/full', `${folder.runFile}.new`);
  expect(() => brokenOffBy(new AbortConditionMet('too long'))).toThrow(/run\.json can't be written/);
  expect(existsSync(folder.verdictFile)).toBe(false);
  expect(notes.join()).toContain('The run was stopped');
});

test('what else ends a run is told, and not that its record can’t be written either', () => {
  symlinkSync('/dev/full', `${folder.runFile}.new`);
  expect(() => brokenOffBy(fullDisk)).toThrow(fullDisk);
});

/** What is thrown by a run that ends so on a stack that can't be let go of. */
async function thrownBy(error: unknown): Promise<unknown> {
  const run = async () => {
    await using _stack = {
      [Symbol.asyncDispose]: async () => {
        throw notRestored;
      },
    };
    throw error;
  };
  return run().catch((thrown: unknown) => thrown);
}

const brokenOffBy = (thrown: unknown, signal = new AbortController().signal) =>
  breakOff(thrown, { log, folder, signal });

function startHistory() {
  return openHistoryWriter(folder.historyFile, { run: folder.name, seed: '1', projectId: 'p' });
}

test('an interrupt stays one where the stack can’t be let go of, and the user is told of both', async () => {
  const interrupt = new Error('interrupted');
  const thrown = await thrownBy(interrupt);
  expect(() => brokenOffBy(thrown, AbortSignal.abort(interrupt))).toThrow(interrupt);
  expect(warnings).toEqual([notRestored.message]);
  expect(folder.readRun().doubts).toEqual([
    { code: 'ended-early', text: 'The run was interrupted.' },
    {
      code: 'not-released',
      text: 'What the run used could not be let go of: The target mine is not as it was.',
    },
  ]);
});

test('so does a condition of the owner’s: the run is judged as one that was stopped', async () => {
  startHistory().close();
  const thrown = await thrownBy(new AbortConditionMet('too long'));
  const { verdict } = brokenOffBy(thrown);
  expect(verdict.sentence).toBe(
    'Unknown: The run was stopped as the target’s owner wants it: too long.'.replace('’', "'"),
  );
  expect(verdict.reasons.map(({ code }) => code)).toContain('not-released');
  expect(warnings.join()).toContain('langfuse-chaos down 1234');
});

test('interrupted while it lets go of a target that can’t be put back, it says that too', () => {
  expect(() => brokenOffBy(notRestored)).toThrow(notRestored);
  expect(warnings, 'who reads the error is told of it').toEqual([]);
  expect(() => brokenOffBy(notRestored, AbortSignal.abort())).toThrow(notRestored);
  expect(warnings).toEqual([notRestored.message]);
});
