import { formatCount } from '../format.ts';
import { Markup, markup } from '../markup.ts';

/** How much of a list a page takes: whichever of the two is reached first. */
export interface Share {
  readonly rows: number;
  /** UTF-8 bytes of the rows' HTML. */
  readonly bytes: number;
}

/** The share of an ordinary list; the sum of all lists' shares keeps the page under 1 MB. */
export const ORDINARY: Share = { rows: 100, bytes: 30_000 };

/** The rows of a list that fit its share, and how many items were left out. */
export function rowsWithin<T>(
  items: readonly T[],
  share: Share,
  row: (item: T) => Markup,
): { rows: Markup[]; left: number } {
  const rows: Markup[] = [];
  let bytes = 0;
  for (const item of items.slice(0, share.rows)) {
    const one = row(item);
    bytes += Buffer.byteLength(one.text);
    if (bytes > share.bytes) break;
    rows.push(one);
  }
  return { rows, left: items.length - rows.length };
}

/** The sentence under a list that was cut, or nothing. */
export function leftOut(left: number, file: string): Markup {
  return left > 0
    ? markup`<p class="left-out">${formatCount(left)} more are left out here; <code>${file}</code> in the run folder has all of them.</p>`
    : markup``;
}

/** A table in a box that scrolls sideways when the page is narrow. */
export function scrolling(label: string, table: Markup): Markup {
  return markup`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

/** A section of the page with its heading, or nothing when there is nothing to show. */
export function section(id: string, title: string, content: Markup | undefined): Markup {
  return content
    ? markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`
    : markup``;
}

/** Markup pieces one after another, each on a line of its own. */
export function joined(pieces: readonly Markup[]): Markup {
  return new Markup(pieces.map((piece) => piece.text).join('\n'));
}
