import type { LogExcerpt } from './log-excerpt.ts';

/** Where an error's documentation lies; every code is a heading in that file. */
const ERROR_DOCS = 'docs/errors.md';

/** What a {@link ChaosError} is made of. All texts are whole sentences without secrets. */
export interface ErrorParts {
  /** Stable code, `E_` and upper case, with an entry in `docs/errors.md`. */
  readonly code: `E_${string}`;
  /** What happened. */
  readonly happened: string;
  /** What was expected instead, where that is not obvious. */
  readonly expected?: string;
  /** The last log lines of the part that failed, oldest first. */
  readonly log?: LogExcerpt;
  /** What the reader should do next. */
  readonly remedy: string;
  /** Whether it ended a run that had sent something already: then it is no start that failed, whatever its code says elsewhere. */
  readonly afterSending?: boolean;
  readonly cause?: unknown;
}

/**
 * The one error of the harness that a user is meant to read: what happened, what was expected, the last log
 * lines, what to do next. Anything else that is thrown is a defect of the harness and shown with its stack.
 */
export class ChaosError extends Error {
  readonly code: string;
  readonly parts: ErrorParts;

  constructor(parts: ErrorParts) {
    super(composeErrorText(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'ChaosError';
    this.code = parts.code;
    this.parts = parts;
  }
}

/** The text of an error, composed in this one place. */
export function composeErrorText(parts: ErrorParts): string {
  const lines = [`${parts.happened}`];
  if (parts.expected) lines.push(`  expected: ${parts.expected}`);
  if (parts.log && parts.log.length > 0) {
    lines.push('  last log lines:');
    for (const line of parts.log) lines.push(`    ${line}`);
  }
  lines.push(`  next: ${parts.remedy}`);
  lines.push(`  (${parts.code}, see ${ERROR_DOCS}#${parts.code.toLowerCase()})`);
  return lines.join('\n');
}

/** The message of anything that was thrown, with the system's error code where there is one. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
