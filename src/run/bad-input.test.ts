import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChaosError } from '../base/errors.ts';
import { exampleRecord } from '../report/example-record.ts';
import { judgeRun } from './judge-run.ts';
import { loadScenario } from './load-scenario.ts';
import { RunFolder } from './run-folder.ts';

/** What a user is told about input that can't be used: what, where, and what to do, as text. */

const SCENARIO = {
  name: 'mine',
  proves: 'That it works.',
  traffic: { kind: 'generated', rate: 10, duration: 5, maxBatch: 10, maxBytes: 1000 },
  timeline: [] as object[],
  recovery: [],
  expect: [],
};
const refused = { name: 'refused', on: 'worker→clickhouse' };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bad-input-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** The text of the error without the folder of this test. */
async function said(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ChaosError) return error.message.replaceAll(root, '…');
    throw error;
  }
  throw new Error('no error');
}

/** A scenario file with these steps, loaded. */
function load(timeline: object[], more: object = {}) {
  const path = join(root, 'mine.ts');
  writeFileSync(path, `export default ${JSON.stringify({ ...SCENARIO, ...more, timeline })}`);
  return said(() => loadScenario(path));
}

test.each([
  [[{ at: 0, probe: 'S3 is slow' }], /\. Did you mean "S3 is slow"\?\n {2}expected: one of "S3 is slow"\n/],
  [[], /\.\n {2}expected: a step with `probe` in the timeline, which has none\n/],
])('an expectation of a probe that the timeline does not have: %j', async (timeline, said) => {
  const about = { kind: 'shows', text: 'x', about: 'probe', endpoint: 'GET /api/public/health', status: 200 };
  const text = await load(timeline, { expect: [{ ...about, label: 'S3 is slwo' }] });
  expect(text).toMatch(/^…\/mine\.ts, expect\[0\]: No probe of the timeline has the label "S3 is slwo"/);
  expect(text).toMatch(said);
});

test('an unknown fault', async () => {
  const text = await load([
    { at: 0, probe: 'x' },
    { at: 1, for: 1, fault: { ...refused, name: 'exploded' } },
  ]);
  expect(text).toMatch(
    /^…\/mine\.ts, timeline\[1\]: There is no fault named "exploded"\.\n {2}expected: one of .*refused.*\n {2}next: correct the name; docs\/faults\.md says what each fault does\.\n {2}\(E_SCENARIO, see docs\/errors\.md#e_scenario\)$/,
  );
});

test.each([
  [
    { at: 1, for: 1, fault: { ...refused, name: 'refusd' } },
    'no fault named "refusd". Did you mean "refused"?',
  ],
  [{ at: 1, send: { name: 'huge-cots' } }, 'no odd traffic named "huge-cots". Did you mean "huge-cost"?'],
  [{ at: 1, recover: 'replay from s3' }, 'Did you mean "replay from S3"?'],
])('a mistyped name is answered with the one that was meant: %j', async (step, meant) => {
  expect(await load([step])).toContain(`${meant}\n`);
});

test('so is that of a scenario', async () => {
  expect(await said(() => loadScenario('clickhouse-blib'))).toContain(
    'There is no scenario named "clickhouse-blib". Did you mean "clickhouse-blip"?\n',
  );
});

test('several faults that are wrong are all told at once', async () => {
  const text = await load([
    { at: 1, for: 1, fault: { ...refused, name: 'refusd' } },
    { at: 3, for: 1, fault: { ...refused, hard: true } },
    {
      ...{ at: 5, timeout: 5 },
      inTurn: [
        { fault: { name: 'exploded', on: 'web→s3' }, probe: 'x' },
        { fault: { name: 'paused', on: 'web' }, probe: 'y' },
      ],
    },
    { at: 7, send: { name: 'huge-cots' } },
  ]);
  expect(text.replace(/(one of \w[\w-]*), .*/g, '$1, …')).toBe(
    [
      '…/mine.ts has 4 mistakes:',
      '    timeline[0]: There is no fault named "refusd". Did you mean "refused"?',
      '      expected: one of refused, …',
      '    timeline[1]: The parameters of the fault "refused" don\'t fit: ✖ Unrecognized key: "hard"',
      '      expected: parameters out of: on',
      '    timeline[2]: There is no fault named "exploded".',
      '    timeline[3]: There is no odd traffic named "huge-cots". Did you mean "huge-cost"?',
      '      expected: one of across-midnight, …',
      '  next: correct them; docs/faults.md says what each fault and each kind of odd traffic takes, and `langfuse-chaos plan FILE` checks a file without starting anything.',
      '  (E_SCENARIO, see docs/errors.md#e_scenario)',
    ].join('\n'),
  );
});

test('a parameter that a fault does not take', async () => {
  expect(await load([{ at: 1, for: 1, fault: { ...refused, hard: true } }])).toMatch(
    /^…\/mine\.ts, timeline\[0\]: The parameters of the fault "refused" don't fit: ✖ Unrecognized key: "hard"\n {2}expected: parameters out of: on\n {2}next: correct them; docs\/faults\.md lists what each fault takes\.\n/,
  );
});

test('a parameter that belongs to no such fault', async () => {
  expect(await load([{ at: 1, for: 1, fault: { name: 'latency', on: 'worker->s3', latency: 5 } }])).toMatch(
    /✖ Unrecognized key: "latency"\n {2}expected: parameters out of: on, direction, latencyMs, jitterMs\n/,
  );
});

test('a parameter that is missing', async () => {
  expect(await load([{ at: 1, for: 1, fault: { name: 'started-without', on: 'worker' } }])).toMatch(
    /✖ without is missing: expected one of "clickhouse"/,
  );
});

test('odd traffic that there is not', async () => {
  expect(await load([{ at: 1, send: { name: 'oddest' } }])).toMatch(
    /^…\/mine\.ts, timeline\[0\]: There is no odd traffic named "oddest"\.\n {2}expected: one of /,
  );
});

test('a fault long after everything is over', async () => {
  expect(await load([{ at: 500, for: 1, fault: refused }])).toBe(
    `…/mine.ts: timeline[0] begins at 500 s, 495 s after the traffic and everything before it is over.
  expected: seconds since the traffic began, each step at most a minute after what comes before it
  next: correct its \`at\`, or let the traffic last longer.
  (E_SCENARIO, see docs/errors.md#e_scenario)`,
  );
});

test('a recording that is cut short', async () => {
  const whole = readFileSync(
    new URL('../../scenarios/recordings/support-bot.jsonl', import.meta.url),
    'utf8',
  );
  const file = join(root, 'tape.jsonl');
  writeFileSync(file, whole.slice(0, whole.length / 2));
  expect(await load([], { traffic: { kind: 'recording', file, speed: 1, repeat: 1 } })).toMatch(
    /^The recording …\/tape\.jsonl .*\n {2}expected: .*\n {2}next: .*\n {2}\(E_RECORDING_CUT_OFF, see docs\/errors\.md#e_recording_cut_off\)$/,
  );
});

test('a setting that nobody reads', async () => {
  expect(
    await load([], { settings: { worker: { LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATEMPTS: '1' } } }),
  ).toMatch(
    /^…\/mine\.ts, settings: The worker of the reference pipeline does not read LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATEMPTS\. Did you mean "LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS"\?\n {2}expected: one of .*LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS.*\n[\s\S]*\(E_SCENARIO/,
  );
});

test('a setting with a value that its process does not take', async () => {
  expect(await load([], { settings: { web: { REFERENCE_BACKOFF_SCALE: 'fast' } } })).toMatch(
    /^…\/mine\.ts, settings: The web of the reference pipeline does not start with REFERENCE_BACKOFF_SCALE=fast\.\n {2}expected: a number\n/,
  );
});

test('a copied file: what else is wrong with it is told before its name', async () => {
  const unknown = { at: 1, for: 1, fault: { ...refused, name: 'exploded' } };
  expect(await load([unknown], { name: 'theirs' })).toContain('There is no fault named "exploded".');
});

test('a file with another name inside', async () => {
  expect(await load([], { name: 'theirs' })).toContain('holds a scenario named "theirs"');
});

test('a file that is no module', async () => {
  const path = join(root, 'torn.ts');
  writeFileSync(path, 'export default {');
  expect(await said(() => loadScenario(path))).toMatch(
    /^…\/torn\.ts can't be loaded: [\s\S]*\n {2}expected: a TypeScript module with a default export of the type Scenario\n {2}next: correct the file; scenarios\/steady-state\.ts is a small example\.\n {2}\(E_SCENARIO/,
  );
});

/** A run folder of a run that did nothing, with some files changed. */
function runFolder(change: { run?: unknown; scenario?: unknown } = {}) {
  const path = join(root, 'run');
  mkdirSync(join(path, 'checkpoints'), { recursive: true });
  const folder = new RunFolder(path);
  writeFileSync(folder.runFile, JSON.stringify(change.run ?? exampleRecord('pass')));
  writeFileSync(folder.scenarioFile, JSON.stringify(change.scenario ?? SCENARIO));
  return folder;
}

test('a run folder of another version', async () => {
  const folder = runFolder({ run: { ...exampleRecord('pass'), version: 2 } });
  expect(await said(() => judgeRun(folder))).toBe(`…/run/run.json has format version 2.
  expected: version 1
  next: judge it with the version of langfuse-chaos that wrote it.
  (E_RUN_FOLDER, see docs/errors.md#e_run_folder)`);
});

test('a run folder that was edited', async () => {
  const { faults: _faults, ...run } = exampleRecord('pass');
  expect(await said(() => judgeRun(runFolder({ run })))).toBe(`…/run/run.json is damaged:
✖ Invalid input: expected array, received undefined
  → at faults
  expected: the file as a run writes it
  next: look whether it was edited; its run cannot be judged from it.
  (E_RUN_FOLDER, see docs/errors.md#e_run_folder)`);
  expect(await said(() => judgeRun(runFolder({ scenario: [] })))).toContain('scenario.json is damaged:');
});

test('a folder that is none of a run, and one that was torn', async () => {
  expect(await said(() => judgeRun(new RunFolder(root)))).toMatch(
    /^… is not a whole run folder: ENOENT[\s\S]*\n {2}expected: a readable …\/run\.json\n {2}next: give the path of a folder below reports\/, for example reports\/latest\.\n {2}\(E_RUN_FOLDER/,
  );
  const folder = runFolder();
  writeFileSync(folder.runFile, '{"version":1,');
  expect(await said(() => judgeRun(folder))).toMatch(/^…\/run is not a whole run folder: .*JSON/);
});

test('a history that was cut short makes the run unknown and says why', () => {
  const folder = runFolder();
  writeFileSync(
    folder.historyFile,
    '{"kind":"header","version":1,"run":"x","seed":"1","projectId":"p"}\n{"kind":"se',
  );
  const { verdict } = judgeRun(folder);
  expect(verdict.verdict).toBe('unknown');
  expect(verdict.reasons.map(({ text }) => text)).toContain('The last line of the history was cut off.');
});

test('a history with a line that is none', async () => {
  const folder = runFolder();
  writeFileSync(
    folder.historyFile,
    '{"kind":"header","version":1,"run":"x","seed":"1","projectId":"p"}\n{"kind":"sent"}\n{"kind":"closed","requests":0}\n',
  );
  expect(await said(() => judgeRun(folder))).toBe(
    `Line 2 of …/run/history.jsonl cannot be read: it is JSON, but no record of a history.
  expected: a history as langfuse-chaos writes it; only its last line may be cut off
  next: look whether the file was edited or damaged; its run cannot be judged from it.
  (E_HISTORY_CORRUPT, see docs/errors.md#e_history_corrupt)`,
  );
});
