import { cut, printable } from './format.ts';

const LONGEST = 500;

/** One row of a table; its cells are Markdown already. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Foreign text with everything that Markdown or HTML would act on escaped. */
export function escapeMarkdown(text: string): string {
  return printable(cut(text, LONGEST))
    .replace(/[\\`*_[\]#|~!$]/g, (character) => `\\${character}`)
    .replace(/[&<>@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A code block whose fence is longer than any run of backticks inside. */
export function fenced(text: string): string {
  const shown = printable(cut(text, 2000));
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sh\n${shown}\n${fence}`;
}
