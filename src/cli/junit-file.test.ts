import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChaosError } from '../base/errors.ts';
import { exampleRun } from '../report/example-data.ts';
import { RunFolder } from '../run/run-folder.ts';
import type { PlannedRun } from '../run/run-many.ts';
import { suitesOfRuns, writeJunit } from './junit-file.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'junit-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('each run of the command is a suite: what was not carried out is an error, what passed is told by its label', () => {
  const planned = (label: string) => ({ label, command: `run ${label}` }) as PlannedRun;
  const runs = [planned('one [3]'), planned('two'), planned('three')] as const;
  const error = new ChaosError({
    code: 'E_STACK_START',
    happened: 'Redis did not start.',
    remedy: 'see its log.',
  });
  const finished = { ...exampleRun('pass'), folder: new RunFolder('/x') };
  const results = [
    { planned: runs[1], tookMs: 2000, outcome: { error } },
    { planned: runs[0], tookMs: 1, outcome: { finished } },
  ];
  const file = join(root, 'below', 'junit.xml');
  writeJunit(file, suitesOfRuns(runs, results, 0));
  const xml = readFileSync(file, 'utf8');
  expect(xml.match(/<testsuite id="\d" .*?>/g)).toEqual([
    expect.stringMatching(/id="0" .*name="langfuse-chaos.one \[3\]".* tests="10" failures="0" errors="0"/),
    expect.stringMatching(/id="1" .*name="langfuse-chaos.two".* tests="1" .* errors="1" .*time="2.000"/),
    expect.stringMatching(/id="2" .*name="langfuse-chaos.three".* errors="1"/),
  ]);
  expect(xml).toContain('<error type="E_STACK_START" message="Redis did not start.">');
  expect(xml).toContain('message="The command ended before it was carried out."');
  expect(xml.match(/<testsuites>/g)).toHaveLength(1);
});

test('a file that can not be written is told before anything is run', () => {
  expect(() => writeJunit(root, [])).toThrow(/The JUnit file .* can't be written: EISDIR[\s\S]*E_USAGE/);
});
