import { NOT_COMPARED } from './not-compared.ts';
import { UNKNOWN } from './span-attributes.ts';

/** A text column that was made of a span's attribute. */
export type Text = string | null | typeof NOT_COMPARED;

/** Null where it is empty: the column can't tell. */
export function textOf(value: unknown): Text {
  if (value === UNKNOWN) return NOT_COMPARED;
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' ? value : NOT_COMPARED;
}

/** Input or output: what is no text is stored as JSON. */
export function contentOf(value: unknown): Text {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : textOf(value);
}
