import { fileURLToPath } from 'node:url';

/**
 * Where in a module Node found a mistake when it was imported, as `line 3, column 5`; with the file's path in front where that is another
 * than the one that was imported. Undefined where the error does not tell.
 */
export function placeOfError(error: unknown, path: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // Of what can't be parsed Node shows the place above the error: file and line, some lines, and one of ^ below what is meant.
  const [, parsed, line, marks] = /^(file:\/\/\S+):(\d+)\n(?:.*\n)*?( *)\^+\n/.exec(stack) ?? [];
  if (parsed !== undefined && line !== undefined)
    return placeText(parsed, path, line, String((marks ?? '').length + 1));
  // What throws while it is loaded has its place in the first line of the stack that is a file's.
  const [, thrown, at, column] = /\n {4}at (?:.*\()?(file:\/\/\S+?):(\d+):(\d+)\)?(?:\n|$)/.exec(stack) ?? [];
  if (thrown === undefined || at === undefined || column === undefined) return undefined;
  return placeText(thrown, path, at, column);
}

function placeText(url: string, path: string, line: string, column: string): string {
  const file = fileURLToPath(url);
  return `${file === path ? '' : `${file}, `}line ${line}, column ${column}`;
}
