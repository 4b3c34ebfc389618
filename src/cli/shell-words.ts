/** A command of this program as it is typed in a shell. */
export function commandText(words: readonly string[]): string {
  return `npx langfuse-chaos ${words.map(quoted).join(' ')}`;
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
