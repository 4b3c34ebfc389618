import { expect, test } from 'vitest';
import { ChaosError } from '../base/errors.ts';
import { exitCodeAfter, exitCodeOf, exitCodeOfVerdicts, Interrupted } from './exit-codes.ts';

const error = (code: `E_${string}`) => new ChaosError({ code, happened: 'x', remedy: 'y' });

test('fail ranks above unknown, unknown above pass, and nothing at all is unknown', () => {
  expect(exitCodeOfVerdicts([{ verdict: 'pass' }, { verdict: 'unknown' }, { verdict: 'fail' }])).toBe(1);
  expect(exitCodeOfVerdicts([{ verdict: 'unknown' }, { verdict: 'pass' }])).toBe(2);
  expect(exitCodeOfVerdicts([{ verdict: 'pass' }])).toBe(0);
  expect(exitCodeOfVerdicts([])).toBe(2);
});

test('errors end in the code of their kind', () => {
  expect(exitCodeOf(error('E_SCENARIO'))).toBe(3);
  expect(exitCodeOf(error('E_RECORDING_CUT_OFF'))).toBe(3);
  expect(exitCodeOf(error('E_PORT'))).toBe(3);
  expect(exitCodeOf(error('E_PORT_TAKEN'))).toBe(4);
  expect(exitCodeOf(error('E_STACK_START'))).toBe(4);
  expect(exitCodeOf(error('E_TIMEOUT'))).toBe(5);
  expect(exitCodeOf(error('E_COMPONENT_GONE'))).toBe(5);
  expect(exitCodeOf(new Interrupted())).toBe(130);
  expect(exitCodeOf(new TypeError('defect'))).toBe(5);
});

test('a folder that is no checkout was named wrongly; one that does not start is a stack that did not', () => {
  expect(exitCodeOf(error('E_CHECKOUT'))).toBe(3);
  expect(exitCodeOf(error('E_CHECKOUT_NODE'))).toBe(4);
  expect(exitCodeOf(error('E_CHECKOUT_NOT_READY'))).toBe(4);
  expect(exitCodeOf(error('E_MIGRATION'))).toBe(4);
});

test('an external target: its file and variables are for who asks, the target may be unfit, and what fails in the middle is neither', () => {
  for (const code of ['E_EXTERNAL_FILE', 'E_EXTERNAL_ENV', 'E_SENT_BEFORE', 'E_EVENTS_ONLY'] as const)
    expect(exitCodeOf(error(code))).toBe(3);
  for (const code of ['E_EXTERNAL_TARGET', 'E_EXTERNAL_IN_USE'] as const)
    expect(exitCodeOf(error(code))).toBe(4);
  for (const code of ['E_EXTERNAL_HOOK', 'E_EXTERNAL_RESTORE'] as const)
    expect(exitCodeOf(error(code))).toBe(5);
});

test('a target that does not fit is told from one that was not named well enough', () => {
  for (const code of ['E_CLICKHOUSE_VERSION', 'E_NO_CONSUMER', 'E_WRITE_MODE'] as const)
    expect(exitCodeOf(error(code))).toBe(4);
  expect(exitCodeOf(error('E_SEVERAL_LANGFUSE'))).toBe(3);
  expect(exitCodeOf(error('E_CLICKHOUSE'))).toBe(5);
});

test('once something was sent whatever ends a run is an error in the middle, and no start that failed', () => {
  for (const code of [
    'E_RUN_FOLDER',
    'E_HISTORY_WRITE',
    'E_STACK_START',
    'E_PORT_TAKEN',
    'E_CHECKOUT',
  ] as const) {
    const inTheMiddle = new ChaosError({ ...error(code).parts, afterSending: true });
    expect(exitCodeOf(inTheMiddle)).toBe(5);
    expect(inTheMiddle.message).toBe(error(code).message);
  }
});

test('a command that was interrupted, or ended in an error, is no pass: only a failure that it had found ranks above', () => {
  expect(exitCodeAfter(undefined, new Interrupted())).toBe(130);
  expect(exitCodeAfter(0, new Interrupted())).toBe(130);
  expect(exitCodeAfter(2, new Interrupted())).toBe(130);
  expect(exitCodeAfter(1, new Interrupted())).toBe(1);
  expect(exitCodeAfter(0, new TypeError('defect'))).toBe(5);
  expect(exitCodeAfter(1, error('E_STACK_START'))).toBe(1);
});
