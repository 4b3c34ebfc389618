import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judgeRun } from './judge-run.ts';
import { RunFolder } from './run-folder.ts';

const EXAMPLE = fileURLToPath(new URL('../../reports/example', import.meta.url));

let root: string;
let folder: RunFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'judge-run-'));
  cpSync(EXAMPLE, root, { recursive: true });
  folder = new RunFolder(root);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('the stored example is judged as it was', () => {
  rmSync(folder.verdictFile);
  judgeRun(folder);
  const before = readFileSync(join(EXAMPLE, 'verdict.json'), 'utf8');
  expect(readFileSync(folder.verdictFile, 'utf8')).toBe(before);
});

test('the reports are told the visibility budget: the scenario’s, or what it is unless told', () => {
  expect(judgeRun(folder).run.scenario.visibilityBudget).toBe(30);
  folder.writeJson(folder.scenarioFile, { ...folder.readScenario(), visibilityBudget: 7 });
  const { run, verdict } = judgeRun(folder);
  expect(run.scenario.visibilityBudget).toBe(7);
  expect(verdict.checkpoints.at(-1)?.outcomes.late).toBeGreaterThan(0);
  expect(readFileSync(folder.markdownFile, 'utf8')).toContain('late: first seen more than 7 s after');
});

test('a run that was interrupted says so first', () => {
  const run = folder.readRun();
  const doubts = [{ code: 'ended-early', text: 'The run was interrupted.' }];
  folder.writeJson(folder.runFile, { ...run, doubts });
  for (const name of ['settled', 'after-retry', 'after-replay'] as const) rmSync(folder.checkpointFile(name));
  expect(judgeRun(folder).verdict.sentence).toBe('Unknown: The run was interrupted.');
});
