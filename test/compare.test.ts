import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ComparisonReport } from '../src/report/compare/report.ts';
import { runCli, temporaryReports } from './support/cli.ts';

const SCENARIO = fileURLToPath(new URL('fixtures/compared.ts', import.meta.url));

test('two stacks get the same traffic, and their runs can be compared again as they lie there', async () => {
  using reports = temporaryReports();
  const sides = ['--from', 'embedded', '--to', 'embedded:safe'];
  const { code, stdout, stderr } = await runCli(
    ['compare', ...sides, '--scenarios', SCENARIO, '--seed', '7', '--json'],
    reports.path,
  );
  expect(stdout, stderr).not.toBe('');
  const { id, scenarios } = JSON.parse(stdout) as ComparisonReport;
  const [compared] = scenarios;
  expect(compared).toMatchObject({ scenario: 'compared', sameTraffic: true, notes: [] });
  // On a busy machine the safe one may well be better.
  expect(['same', 'better']).toContain(compared?.word);
  expect(code).toBe(0);
  expect(compared?.from.figures?.traffic).toEqual(
    expect.objectContaining({ sent: compared?.to.figures?.traffic.planned }),
  );
  const html = readFileSync(join(reports.path, id, 'report.html'), 'utf8');
  expect(html).toContain(`${compared?.to.folder}/report.html`);

  const [first = '', second = ''] = readdirSync(reports.path).filter((name) => name.endsWith('-compared'));
  const again = await runCli(
    ['compare', '--from', `run:${first}`, '--to', `run:${second}`, '--json'],
    reports.path,
  );
  expect((JSON.parse(again.stdout) as ComparisonReport).scenarios[0]).toMatchObject({
    word: compared?.word,
    from: { target: 'embedded', figures: compared?.from.figures },
    to: { target: 'embedded:safe', figures: compared?.to.figures },
  });

  const both = ['--from', `run:${first}`, '--to', `run:${second}`, '--scenarios', 'steady-state'];
  const none = await runCli(['compare', ...both], reports.path);
  expect(none.stderr).toContain('There is nothing to compare.\nsteady-state: no run of it was named');
  expect(none.code).toBe(3);
});
