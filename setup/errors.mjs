/**
 * The errors of set-up. They read as those of the harness do (src/base/errors.ts), which set-up cannot import:
 * it runs on Node versions that do not run TypeScript.
 */

/** An error that a user is meant to read; anything else that is thrown is a defect of set-up. */
export class SetupError extends Error {
  /**
   * @param {{ code: `E_${string}`, happened: string, details?: readonly string[], remedy: string, cause?: unknown }} parts
   *   `details` are lines of their own between what happened and what to do next.
   */
  constructor({ code, happened, details = [], remedy, cause }) {
    const lines = [
      happened,
      ...details.map((line) => `  ${line}`),
      `  next: ${remedy}`,
      `  (${code}, see docs/errors.md#${code.toLowerCase()})`,
    ];
    super(lines.join('\n'), cause === undefined ? undefined : { cause });
    this.name = 'SetupError';
    this.code = code;
  }
}

/** Why one source could not give a program; set-up goes on with the next source. */
export class SourceError extends Error {
  /**
   * @param {string} reason
   * @param {string} [command] the command with which the user can help
   */
  constructor(reason, command) {
    super(reason);
    this.name = 'SourceError';
    this.command = command;
  }
}

/** The message of anything that was thrown, with the reason that `fetch` hides in its cause. */
export function messageOf(error) {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message || error.cause.code : undefined;
  return cause ? `${error.message} (${cause})` : error.message || error.name;
}
