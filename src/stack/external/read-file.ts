import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { fileMistakes } from './file-mistakes.ts';
import { type ExternalTarget, externalSchema } from './schema.ts';

/**
 * Reads the file that describes an external target.
 *
 * @throws ChaosError `E_EXTERNAL_FILE` with the line of every mistake, what is wrong there and what is expected; never with a value that
 *   may be a secret
 */
export function readExternalFile(path: string): ExternalTarget {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ChaosError({
      code: 'E_EXTERNAL_FILE',
      happened: isMissing ? `There is no file ${path}.` : `${path} can't be read: ${messageOf(error)}.`,
      expected: 'the YAML file that describes the target',
      remedy: isMissing
        ? 'correct the path, or write it: copy docs/examples/external.yml.'
        : 'make it a file that this user may read.',
      cause: error,
    });
  }
  return parseExternal(path, text);
}

/** As {@link readExternalFile}, of a text that was read. */
export function parseExternal(path: string, text: string): ExternalTarget {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number) => `line ${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    throw fileError(
      path,
      document.errors.map(
        ({ pos, code }) => `${lineOf(pos[0])}: no YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
      ),
    );
  }
  const value: unknown = document.toJS() ?? {};
  const parsed = externalSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw fileError(path, fileMistakes(parsed.error, value, document, lines, externalSchema));
}

function fileError(path: string, mistakes: readonly string[]): ChaosError {
  return new ChaosError({
    code: 'E_EXTERNAL_FILE',
    happened: `${path} does not describe a target:\n${mistakes.map((mistake) => `    ${mistake}`).join('\n')}`,
    expected: 'a file as docs/examples/external.yml is one',
    remedy: 'correct it; docs/external.md explains every field.',
  });
}
