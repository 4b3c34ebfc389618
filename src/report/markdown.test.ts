import { expect, test } from 'vitest';
import { exampleRun } from './example-data.ts';
import { at } from './example-record.ts';
import { extremeRun, HOSTILE } from './extreme-data.ts';
import { renderMarkdown } from './markdown.ts';

test('the summary of a failed run', () => {
  const text = renderMarkdown(exampleRun('fail'));
  expect(text).toMatch(/^## ❌ FAIL: clickhouse-blip\n\n184 acknowledged events are lost/);
  expect(text).toContain('| lost | – | **184** | **184** |');
  expect(text).toContain(
    '### Expectations that did not hold\n\n- nothing is missing at the end (seen: missing 184 after retry)',
  );
  expect(text).toContain('| blind loss | – | **184** | **184** |');
  expect(text).toContain('–: not judged before the target is at rest.');
  expect(text).toContain('… and 174 more in `verdict.json`.');
  expect(text).toMatch(/```sh\nnpx langfuse-chaos run clickhouse-blip --seed 7f3a19c2\n```\n$/);
});

test('a weakness that was not shown is no expectation that did not hold', () => {
  const text = renderMarkdown(exampleRun('unknown'));
  expect(text).toContain('### Weaknesses that this target did not show\n\n- events are missing after');
  expect(text).not.toContain('did not hold');
});

test('the safe pipeline, odd traffic, the visibility budget and the harness’s own events are named', () => {
  const { run, verdict } = exampleRun('pass');
  const text = renderMarkdown({
    run: {
      ...run,
      scenario: { ...run.scenario, visibilityBudget: 30 },
      reference: { pipeline: 'safe' },
      oddTraffic: [{ name: 'many at once', at: 1, acknowledged: 40, refused: 2 }],
      ownEvents: 24,
    },
    verdict,
  });
  expect(text).toContain('PASS: clickhouse-blip\n\nPipeline safe (not Langfuse)\n');
  expect(text).toContain('### Odd traffic\n\n- many at once: 40 acknowledged, 2 refused\n');
  expect(text).toContain(
    'late: first seen more than 30 s after the acknowledgement. 24 of the 2,000 events are',
  );
});

test('a replaced web with the version that it says it is, a worker with what it was started from', () => {
  const { run, verdict } = exampleRun('pass');
  const target = 'docker:3.225.4';
  const replacements = [
    { process: 'worker', by: 'other', target, at: at(16), answeredAt: at(31) },
    { process: 'web', by: 'other', target, at: at(45), answeredAt: at(53), webVersion: '3.225.3' },
  ] as const;
  expect(renderMarkdown({ run: { ...run, replacements: [...replacements] }, verdict })).toContain(
    '### Replaced\n\n- worker at 0:16.0 by docker:3.225.4, away for 15 s; jobs then: unknown\n- web at 0:45.0 by docker:3.225.4 (says 3.225.3), away for 8.0 s; jobs then: unknown\n',
  );
});

test('what the steps of the common guide did', () => {
  const { run, verdict } = exampleRun('pass');
  const step = { step: 'guide: x', at: 1, asWritten: 'LLEN a|b', did: 'failed', right: 'ZCARD' };
  expect(renderMarkdown({ run: { ...run, runbook: [step] }, verdict })).toContain(
    '| as written | what it did | instead |\n| --- | --- | --- |\n| LLEN a\\|b | failed | ZCARD |',
  );
});

test('hostile texts neither leave their cell nor become markup', () => {
  const text = renderMarkdown(extremeRun(HOSTILE, 1000));
  const body = text.slice(0, text.lastIndexOf('Repeat it'));
  expect(body).not.toMatch(/<|@all/);
  expect(body).toContain('\\_ &#64;all');
  for (const block of body.split('\n\n').filter((block) => block.startsWith('| '))) {
    const columns = block.split('\n').map((line) => line.match(/(?<!\\)\|/g)?.length);
    expect(new Set(columns).size).toBe(1);
    expect(columns.length).toBeGreaterThan(2);
  }
  expect(text.length).toBeLessThan(60_000);
});

test('a command with a fence inside does not end its block', () => {
  const { run, verdict } = exampleRun('pass');
  expect(renderMarkdown({ run: { ...run, command: 'a ``` b' }, verdict })).toMatch(
    /````sh\na ``` b\n````\n$/,
  );
});
