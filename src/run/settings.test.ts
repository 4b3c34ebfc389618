import { expect, test } from 'vitest';
import type { Scenario } from '../scenario/scenario.ts';
import { VARIABLES } from '../stack/embedded/variables.ts';
import {
  combinations,
  parseAxis,
  parseSetting,
  requireRead,
  requireWritten,
  settingText,
  withSettings,
} from './settings.ts';

const scenario: Scenario = {
  name: 'example',
  proves: 'That it works.',
  traffic: { kind: 'generated', rate: 10, duration: 5, maxBatch: 10, maxBytes: 1000 },
  timeline: [],
  recovery: [],
  expect: [],
  settings: { worker: { A: '1', B: '2' } },
};

test('a setting goes on top of the scenario’s own, for one process or for both', () => {
  const changed = withSettings(scenario, ['worker.A=10', 'web.C=x=y', 'D=', 'worker.A=11'].map(parseSetting));
  expect(changed).toEqual({
    ...scenario,
    settings: { worker: { A: '11', B: '2', D: '' }, web: { C: 'x=y', D: '' } },
  });
  expect(withSettings(scenario, [])).toBe(scenario);
});

test('the text of a setting is what it was read from', () => {
  for (const text of ['worker.A=10', 'web.B=', 'C=a,b']) expect(settingText(parseSetting(text))).toBe(text);
});

test('a secret is shown nowhere, and what was hidden is not taken for a value', () => {
  expect(settingText(parseSetting('web.ADMIN_API_KEY=hunter2'))).toBe('web.ADMIN_API_KEY=[secret]');
  expect(() => parseSetting('wbe.ADMIN_API_KEY=hunter2')).toThrow('"wbe.ADMIN_API_KEY=[secret]" names');
  expect(() => parseAxis('web.ADMIN_API_KEY=hunter2,hunter2')).toThrow('"web.ADMIN_API_KEY=[secret]" are');
  expect(() => requireWritten({ settings: { web: { ADMIN_API_KEY: '[secret]' } } })).toThrow(
    'The value of web.ADMIN_API_KEY is not known',
  );
  expect(() => requireWritten({ settings: { web: { ADMIN_API_KEY: 'hunter2' } } })).not.toThrow();
});

test.each([
  ['worker.A', '"worker.A" has no "=".'],
  ['wroker.A=1', '"wroker.A=1" names the process "wroker", which there is not.'],
  ['worker.=1', '"worker.=1" names "", which is no variable of an environment.'],
  ['worker.A B=1', '"worker.A B=1" names "A B", which is no variable of an environment.'],
])('%s is refused with what to write', (text, happened) => {
  expect(() => parseSetting(text)).toThrow(
    `${happened}\n  expected: PROCESS.NAME=VALUE with web or worker as process, or NAME=VALUE for both: \`--set worker.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS=1000\`\n  next: write it so; \`langfuse-chaos run --help\` has examples.\n  (E_USAGE, see docs/errors.md#e_usage)`,
  );
});

test('a matrix is every combination, the last axis fastest', () => {
  const axes = ['worker.A=3,1000', 'B=x,y'].map(parseAxis);
  expect(combinations(axes).map((settings) => settings.map(settingText))).toEqual([
    ['worker.A=3', 'B=x'],
    ['worker.A=3', 'B=y'],
    ['worker.A=1000', 'B=x'],
    ['worker.A=1000', 'B=y'],
  ]);
  expect(combinations([])).toEqual([[]]);
});

test('an axis that says nothing, one that is there twice, and far too many runs are refused', () => {
  expect(() => parseAxis('worker.A=3,')).toThrow('empty or not all different');
  expect(() => parseAxis('worker.A=3,3')).toThrow('empty or not all different');
  expect(() => combinations(['worker.A=1,2', 'A=3,4'].map(parseAxis))).toThrow('worker.A is varied twice');
  const many = `A=${Array.from({ length: 101 }, (_, index) => index).join()}`;
  expect(() => combinations([parseAxis(many)])).toThrow('101 combinations');
});

test('a setting that nobody would read is refused', () => {
  const any = () => undefined;
  const variables = { web: { A: any, B: any }, worker: { B: any, C: any } };
  const check = (...texts: string[]) => requireRead(texts.map(parseSetting), variables);
  expect(() => check('web.A=1', 'worker.B=1', 'C=1')).not.toThrow();
  expect(() => check('worker.CC=1')).toThrow(
    'The worker of the reference pipeline does not read CC. Did you mean "C"?\n  expected: one of B, C\n  next: correct the name',
  );
  expect(() => check('worker.A=1')).toThrow('does not read A.\n  expected: web.A\n');
  expect(() => check('D=1')).toThrow('The web and the worker of the reference pipeline do not read D.');
});

test('a value with which a process would not start is refused with what the variable takes', () => {
  const check = (...texts: string[]) => requireRead(texts.map(parseSetting), VARIABLES);
  const attempts = 'LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS';
  expect(() => check(`worker.${attempts}=1000`, `${attempts}=2`, `worker.${attempts}=`)).not.toThrow();
  expect(() => check(`worker.${attempts}=abc`)).toThrow(
    `The worker of the reference pipeline does not start with ${attempts}=abc.\n  expected: a number\n`,
  );
  expect(() => check(`worker.${attempts}=0`)).toThrow('expected: Number must be greater than 0\n');
  expect(() => check('web.LANGFUSE_CACHE_API_KEY_ENABLED=yes')).toThrow('expected: one of true, false\n');
  expect(() => requireRead([parseAxis(`worker.${attempts}=3,many`)], VARIABLES)).toThrow(`${attempts}=many`);
});

test('no setting has the name of what every object has', () => {
  expect(() => requireRead([parseSetting('worker.constructor=1')], VARIABLES)).toThrow('does not read');
});
