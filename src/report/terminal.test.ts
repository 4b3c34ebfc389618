import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { OUTCOMES, type Outcome } from '../checker/verdict.ts';
import { exampleRun } from './example-data.ts';
import { at } from './example-record.ts';
import { extremeRun, HOSTILE } from './extreme-data.ts';
import type { JudgedRun } from './judged-run.ts';
import { renderSummary, SUMMARY_COLUMNS, SUMMARY_LINES } from './terminal.ts';
import { OUTCOME_WORDS } from './words.ts';

const summary = (judged: JudgedRun, folder = 'reports/latest') =>
  renderSummary({ ...judged, folder, color: false });

test('of a run that failed as v3.36.0 does it says so, and of no other', () => {
  const { run, verdict } = exampleRun('fail');
  const scenario = { ...run.scenario, failsOnV3360With: verdict.reasons.map(({ code }) => code) };
  const said = summary({ run: { ...run, scenario }, verdict });
  expect(said).toContain(
    '\nv3.36.0 is expected to fail this: A ClickHouse outage of a few seconds under load',
  );
  expect(said.split('\n', 1)).toEqual(summary({ run, verdict }).split('\n', 1));
  for (const other of [
    { run, verdict },
    { run: { ...run, scenario: { ...scenario, failsOnV3360With: ['vanished'] } }, verdict },
    { run: { ...run, scenario, reference: { pipeline: 'safe' } }, verdict },
    { run: { ...run, scenario, reference: { defect: 'lose' } }, verdict },
    { run: { ...run, scenario }, verdict: exampleRun('pass').verdict },
  ]) {
    expect(summary(other)).not.toContain('expected to fail');
  }
});

describe('golden texts', () => {
  test('pass', () => {
    expect(summary(exampleRun('pass'))).toMatchInlineSnapshot(`
      "✓ PASS  clickhouse-blip · seed 7f3a19c2 · embedded · 1 min 11 s
      All 1,994 acknowledged events are in ClickHouse: 184 of them were dropped by the worker during the
      outage without a trace in the failed set, and the S3 replay brought every one back.

                            at heal   settled   after retry   after replay
      ok                      1,748     1,748         1,748          1,748
      late                        0        58            58             58
      recovered by replay         0         0             0            184
      lost                        –       184           184              0
      refused                     6         6             6              6
      absent by design            4         4             4              4
      missing, in S3 only       184       184           184              0
      missing, queued            58         0             0              0
      blind loss                  –       184           184              0
      failed jobs                 0         0             0              0
      –: not judged before the target is at rest.

      faults    refused on worker→clickhouse: felt after 0.4 s, undone after 5.0 s, healed 0.9 s later
      events    recovered by replay  was in S3 only  trace-create       trace/d92ee93da19857f94d05994882c…
                recovered by replay  was in S3 only  score-create       score/a22340faec11fd669796aa788e4…
                recovered by replay  was in S3 only  generation-create  observation/a08f6a0bea92bc2d2b858…
                recovered by replay  was in S3 only  generation-update  observation/bb6c5ba7ff8acc2af6d88…
                … and 180 more in verdict.json
      report    reports/latest/report.html
      repeat    npx langfuse-chaos run clickhouse-blip --seed 7f3a19c2
      "
    `);
  });
  test('fail', () => {
    expect(summary(exampleRun('fail'))).toMatchInlineSnapshot(`
      "✗ FAIL  clickhouse-blip · seed 7f3a19c2 · embedded · 1 min 05 s
      184 acknowledged events are lost: all of them lie in S3 only, and the failed set does not show one.

                            at heal   settled   after retry
      ok                      1,748     1,748         1,748
      late                        0        58            58
      lost                        –       184           184
      refused                     6         6             6
      absent by design            4         4             4
      missing, in S3 only       184       184           184
      missing, queued            58         0             0
      blind loss                  –       184           184
      failed jobs                 0         0             0
      –: not judged before the target is at rest.

      faults    refused on worker→clickhouse: felt after 0.4 s, undone after 5.0 s, healed 0.9 s later
      missed    nothing is missing at the end (seen: missing 184 after retry)
      events    lost  in S3 only  trace-create       trace/d92ee93da19857f94d05994882ca772d
                lost  in S3 only  score-create       score/a22340faec11fd669796aa788e442612
                lost  in S3 only  generation-create  observation/a08f6a0bea92bc2d2b858fc88d7a1589
                lost  in S3 only  generation-update  observation/bb6c5ba7ff8acc2af6d88cbadb4d5606
                … and 180 more in verdict.json
      report    reports/latest/report.html
      repeat    npx langfuse-chaos run clickhouse-blip --seed 7f3a19c2
      "
    `);
  });
  test('unknown', () => {
    expect(summary(exampleRun('unknown'))).toMatchInlineSnapshot(`
      "? UNKNOWN  clickhouse-blip · seed 7f3a19c2 · embedded · 56 s
      Nothing can be said: the fault on worker→clickhouse was never felt, so nothing was put to the test.

                         at heal   settled
      ok                   1,990     1,990
      lost                     –         0
      refused                  6         6
      absent by design         4         4
      blind loss               –         0
      failed jobs              0         0
      –: not judged before the target is at rest.

      faults    refused on worker→clickhouse: never felt, undone after 5.0 s, healed 0.9 s later
      unknown   The fault refused on worker→clickhouse was injected for 5 s and its effect was never
                  observed.
      not shown events are missing after the failed jobs were retried, though the failed set is empty
                  (seen: blind loss 0 after retry)
      report    reports/latest/report.html
      repeat    npx langfuse-chaos run clickhouse-blip --seed 7f3a19c2
      "
    `);
  });
});

test('colour adds nothing but colour', () => {
  const coloured = renderSummary({ ...exampleRun('fail'), folder: 'reports/latest', color: true });
  expect(coloured).toContain('\u001b[1m\u001b[31m✗ FAIL');
  expect(stripVTControlCharacters(coloured)).toBe(summary(exampleRun('fail')));
});

test('a run that reached no checkpoint says so', () => {
  const { run, verdict } = exampleRun('unknown');
  expect(summary({ run, verdict: { ...verdict, checkpoints: [] } })).toContain('No checkpoint was reached.');
});

test('the safe pipeline, odd traffic, and what the table needs said', () => {
  const { run, verdict } = exampleRun('pass');
  const said = summary({
    run: {
      ...run,
      scenario: { ...run.scenario, visibilityBudget: 30 },
      reference: { pipeline: 'safe' },
      oddTraffic: [{ name: 'many at once', at: 1, acknowledged: 40, refused: 2 }],
      ownEvents: 24,
    },
    verdict,
  });
  expect(said).toMatch(/^✓ PASS {2}clickhouse-blip · pipeline safe \(not Langfuse\) · seed/);
  expect(said).toContain('\nalso sent many at once: 40 acknowledged, 2 refused\n');
  expect(said.replaceAll('\n', ' ')).toContain(
    'late: first seen more than 30 s after the acknowledgement. 24 of the 2,000 events are the harness’s own',
  );
  expect(summary({ run, verdict })).not.toMatch(/Langfuse\)|also sent|harness’s own/);
});

const replaced = [
  { process: 'worker', by: 'other', target: 'docker:3.225.4', at: at(16), answeredAt: at(31) },
  {
    process: 'web',
    by: 'other',
    target: 'docker:3.225.4',
    at: at(45),
    answeredAt: at(53),
    webVersion: '3.225.3',
  },
] as const;

test('a replaced process is named with its moment, what it was started from, and the version that it says it is', () => {
  const { run, verdict } = exampleRun('pass');
  const said = summary({
    run: { ...run, replacements: [...replaced] },
    verdict,
  });
  expect(said).toContain(
    '\nreplaced  worker at 0:16.0 by docker:3.225.4, away for 15 s\n' +
      '          web at 0:45.0 by docker:3.225.4 (says 3.225.3), away for 8.0 s\n',
  );
});

test('of several kinds of what is wanting the first of each is told, and how many more there are', () => {
  const { run, verdict } = exampleRun('unknown');
  const expectation = { kind: 'must', held: false, seen: 'nothing' } as const;
  const expectations = ['one', 'two', 'three'].map((text) => ({ ...expectation, text }));
  const said = summary({ run, verdict: { ...verdict, expectations } });
  expect(said).toContain('missed    one (seen: nothing)\n          … and 2 more in the report\nunknown ');
});

test('up to twelve faults are listed, and of more the report has the rest', () => {
  const { run, verdict } = exampleRun('fail');
  const fault = run.faults[0] as (typeof run.faults)[number];
  const said = (count: number) => summary({ run: { ...run, faults: Array(count).fill(fault) }, verdict });
  expect(said(12).match(/refused on/g)).toHaveLength(12);
  expect(said(13)).toContain('… and 2 more in the report');
});

test('after a nemesis that failed comes the command that shrinks it, and after nothing else', () => {
  const { run, verdict } = exampleRun('fail');
  const nemesis = { ...run, scenario: { ...run.scenario, name: 'nemesis' } };
  expect(summary({ run: nemesis, verdict }, 'reports/r1')).toMatch(
    /\nnext {6}npx langfuse-chaos shrink reports\/r1\n$/,
  );
  expect(summary({ run, verdict })).not.toContain('shrink');
  expect(summary({ run: nemesis, verdict: exampleRun('pass').verdict })).not.toContain('shrink');
});

describe('no more lines, and none wider, than it says', () => {
  const expectToFit = (text: string) => {
    expect(text.endsWith('\n')).toBe(true);
    const lines = text.slice(0, -1).split('\n');
    expect(lines.length).toBeLessThanOrEqual(SUMMARY_LINES);
    for (const line of lines) {
      expect(stringWidth(line)).toBeLessThanOrEqual(SUMMARY_COLUMNS);
      expect(line).not.toMatch(/\p{Cc}/u);
    }
    for (const label of ['report', 'repeat']) expect(text).toMatch(new RegExp(`^${label} `, 'm'));
  };

  test.each([
    ['hostile', HOSTILE],
    ['wide', '漢字'.repeat(3000)],
    ['one long word', 'x'.repeat(20_000)],
    ['many short words', 'ab '.repeat(5000)],
    ['empty', ''],
  ])('with far too much of everything, %s', (_name, text) => {
    const fitted = summary(extremeRun(text, 50_000), `/${text}`);
    expectToFit(fitted);
    for (const row of ['lost', 'blind loss', 'failed jobs', 'missed', 'unknown', 'events']) {
      expect(fitted).toMatch(new RegExp(`^${row} `, 'm'));
    }
    expect(fitted).toContain('in verdict.json');
  });

  test('with any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(9), (text, findings) => {
        expectToFit(summary(extremeRun(text, findings), text));
      }),
      { numRuns: 25 },
    );
  });
});

test('a command that is too wide is broken where a shell puts it together again, or left to run.json', () => {
  const { run, verdict } = exampleRun('pass');
  const command = `npx langfuse-chaos run ${'scenario-of-mine '.repeat(10)}--seed 7`;
  const broken = summary({ run: { ...run, command }, verdict });
  const typed = broken.slice(broken.indexOf('repeat')).replace('repeat', '').replaceAll(' \\\n', ' ');
  expect(typed.replace(/\s+/g, ' ').trim()).toBe(command);
  expect(summary({ run: { ...run, command: `run '${'a b '.repeat(40)}'` }, verdict })).toMatch(
    /^repeat .*run\.json$/m,
  );
});

test('no row of the table is left out, however many there are', () => {
  const { run, verdict } = exampleRun('fail');
  const checkpoints = verdict.checkpoints.map((checkpoint) => ({
    ...checkpoint,
    outcomes: Object.fromEntries(OUTCOMES.map((outcome, index) => [outcome, 1000 + index])) as Record<
      Outcome,
      number
    >,
  }));
  const said = summary({ run, verdict: { ...verdict, checkpoints } });
  for (const outcome of OUTCOMES)
    expect(said).toMatch(new RegExp(`^${OUTCOME_WORDS[outcome].label} +(?:– +)?1,0`, 'm'));
});

test('what is long is wrapped, and its end is there', () => {
  const { run, verdict } = exampleRun('fail');
  const { langfuse, ...rest } = run;
  const note =
    'The traffic is sent over OTLP, scores excepted: in the write mode events_only the ingestion API takes neither traces nor observations.';
  const of = { version: '4.16.0', known: true, profile: '4', writeModeBy: '', queues: [], tables: [] };
  const said = summary({
    run: { ...rest, langfuse: { ...of, ...langfuse, clickhouse: '26', notes: [note] } },
    verdict,
  });
  expect(said.replace(/\n +/g, ' ')).toContain(note);
});
