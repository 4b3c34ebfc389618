import { ChaosError } from '../base/errors.ts';
import type { Verdict } from '../checker/verdict.ts';

/** What the process says to the shell when it ends; documented in docs/errors.md. */
export const EXIT = {
  pass: 0,
  fail: 1,
  unknown: 2,
  usage: 3,
  /** Or an external target can't be used. */
  stackDidNotStart: 4,
  /** A defect of the harness, or something that failed in the middle. */
  error: 5,
  /** As shells have it: 128 + SIGINT. */
  interrupted: 130,
} as const;

/** The user pressed Ctrl-C, or the process was asked to end. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** Beginnings of the codes that say: what was asked for can't be done as it was written. */
const USAGE = [
  'E_SCENARIO',
  'E_RUN_FOLDER',
  'E_USAGE',
  'E_NO_STACK',
  'E_RECORDING',
  'E_HISTORY',
  'E_TARGET_URL',
  'E_PORT:',
  'E_NOT_ON_STACK',
  'E_NOT_CONFIRMED',
  'E_SENT_BEFORE',
  'E_EXTERNAL_FILE',
  'E_EXTERNAL_ENV',
  // The colon: those of its Node, its migrations and its start say that it did not start.
  'E_CHECKOUT:',
  'E_EVENTS_ONLY',
  'E_SEVERAL_LANGFUSE',
  'E_SPANS_UNKNOWN',
];

/** Beginnings of the codes of a stack that did not come up or can't be used, and not of what fails once it is. */
const STACK = [
  'E_STACK',
  'E_DOCKER',
  'E_EXTERNAL_TARGET',
  'E_EXTERNAL_IN_USE',
  'E_CHECKOUT',
  'E_MIGRATION',
  'E_PROGRAM',
  'E_POSTGRES',
  'E_LINKS',
  'E_PORT_TAKEN',
  'E_PORTS',
  'E_CLICKHOUSE_VERSION',
  'E_NO_CONSUMER',
  'E_WRITE_MODE',
];

/** The exit code for something that was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (!(error instanceof ChaosError) || error.parts.afterSending) return EXIT.error;
  if (USAGE.some((start) => `${error.code}:`.startsWith(start))) return EXIT.usage;
  return STACK.some((start) => error.code.startsWith(start)) ? EXIT.stackDidNotStart : EXIT.error;
}

/**
 * The exit code of a command that threw.
 *
 * @param before what it had set before: a run that failed says more than what ended the command, anything else does not
 */
export function exitCodeAfter(before: typeof process.exitCode, error: unknown): number {
  return before === EXIT.fail ? EXIT.fail : exitCodeOf(error);
}

/** The exit code of several verdicts: fail ranks above unknown, unknown above pass. */
export function exitCodeOfVerdicts(verdicts: readonly Pick<Verdict, 'verdict'>[]): number {
  if (verdicts.some(({ verdict }) => verdict === 'fail')) return EXIT.fail;
  return verdicts.length === 0 || verdicts.some(({ verdict }) => verdict === 'unknown')
    ? EXIT.unknown
    : EXIT.pass;
}
