import { printable } from './format.ts';

/** A piece of HTML or XML that is known to be well-formed. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** What may stand in a {@link markup} template; `undefined` and `false` leave nothing behind. */
export type MarkupValue = string | number | Markup | readonly Markup[] | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand between tags and inside a quoted attribute, of HTML and of XML 1.0 alike. */
function escapeText(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/**
 * Template tag: the literal parts are markup, every value is escaped unless it is {@link Markup} itself. So
 * nothing from outside can become markup by being forgotten.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let text = parts[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (parts[index + 1] ?? '');
  });
  return new Markup(text);
}

function render(value: MarkupValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map((piece) => piece.text).join('');
  return escapeText(String(value));
}
