import { withoutSecrets } from './secret-settings.ts';

const LINES = 12;
const LINE_LENGTH = 400;

declare const made: unique symbol;

/** Lines of a log as an error may show them. Only {@link logExcerpt} makes one, so that none has a secret in it. */
export type LogExcerpt = readonly string[] & { readonly [made]: true };

/**
 * The end of a log or of what a command has written, for an error: few lines and short ones, because some programs write a page on one line,
 * and without secrets.
 *
 * @param log a text, or its lines, oldest first
 * @param secrets texts that must not be seen; none where the program was told none
 */
export function logExcerpt(log: string | readonly string[], secrets: readonly string[]): LogExcerpt {
  // Before anything is cut: half a secret would not be found.
  const clean = withoutSecrets(typeof log === 'string' ? log : log.join('\n'), secrets);
  const lines = clean.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(-LINES)
    .map((line) =>
      line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line,
    ) as unknown as LogExcerpt;
}
