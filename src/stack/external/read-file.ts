import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { ChaosError, messageOf } from '../../base/errors.ts';
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
    throw fileError(path, [messageOf(error)], error);
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
  const parsed = externalSchema.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path: place, message }) => {
    // The nearest part that is there has a line.
    for (let length = place.length; length > 0; length -= 1) {
      const node = document.getIn(place.slice(0, length).map(asKey), true);
      if (isNode(node) && node.range)
        return `${lineOf(node.range[0])}, ${place.map(String).join('.')}: ${message}`;
    }
    return `${place.map(String).join('.') || 'the whole file'}: ${message}`;
  });
  throw fileError(path, mistakes);
}

/** A key of the file as it was written: links may have a plain arrow there, which only lines are lost by. */
function asKey(key: PropertyKey): string | number {
  return typeof key === 'symbol' ? String(key) : key;
}

function fileError(path: string, mistakes: readonly string[], cause?: unknown): ChaosError {
  return new ChaosError({
    code: 'E_EXTERNAL_FILE',
    happened: `${path} does not describe a target:\n${mistakes.map((mistake) => `    ${mistake}`).join('\n')}`,
    expected: 'a file as docs/examples/external.yml is one',
    remedy: 'correct it; docs/external.md explains every field.',
    ...(cause === undefined ? {} : { cause }),
  });
}
