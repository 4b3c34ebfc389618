/**
 * Whether a text is the JSON of a value, exactly as `JSON.stringify` writes it. Reads the text along the value and makes no
 * text of its own, because a run has a few of these per event; what it can't read along (escapes, long texts, values
 * that JSON cannot hold) `JSON.stringify` decides.
 */
export function isJsonOf(text: unknown, value: unknown): boolean {
  if (typeof text !== 'string') return false;
  const end = readAlong(text, 0, value);
  if (end === UNDECIDED) return text === JSON.stringify(value);
  return end === text.length;
}

/** Instead of a place: the text is another, or only `JSON.stringify` can tell. */
const OTHER = -1;
const UNDECIDED = -2;

/** Texts longer than this are left to `JSON.stringify`, which is faster for them. */
const LONGEST_TEXT = 64;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPENING_BRACKET = 91;
const BACKSLASH = 92;
const CLOSING_BRACKET = 93;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;
/** Smaller ones are escaped. */
const SPACE = 32;
/** From here on a half of a pair that stands alone is escaped. */
const FIRST_SURROGATE = 0xd800;

/** Where the value's JSON ends, if it begins at this place of the text. */
function readAlong(text: string, from: number, value: unknown): number {
  switch (typeof value) {
    case 'string':
      return readText(text, from, value);
    case 'number':
      return Number.isFinite(value) ? readWord(text, from, String(value)) : UNDECIDED;
    case 'boolean':
      return readWord(text, from, value ? 'true' : 'false');
    case 'object':
      if (value === null) return readWord(text, from, 'null');
      if (Array.isArray(value)) return readArray(text, from, value);
      return readObject(text, from, value as Readonly<Record<string, unknown>>);
    default:
      return UNDECIDED;
  }
}

function readWord(text: string, from: number, word: string): number {
  return text.startsWith(word, from) ? from + word.length : OTHER;
}

function readText(text: string, from: number, value: string): number {
  const { length } = value;
  if (length > LONGEST_TEXT) return UNDECIDED;
  if (text.charCodeAt(from) !== QUOTE) return OTHER;
  const start = from + 1;
  for (let at = 0; at < length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < SPACE || code === QUOTE || code === BACKSLASH || code >= FIRST_SURROGATE) return UNDECIDED;
    if (text.charCodeAt(start + at) !== code) return OTHER;
  }
  return text.charCodeAt(start + length) === QUOTE ? start + length + 1 : OTHER;
}

function readArray(text: string, from: number, values: readonly unknown[]): number {
  if (text.charCodeAt(from) !== OPENING_BRACKET) return OTHER;
  let place = from + 1;
  for (let at = 0; at < values.length; at += 1) {
    if (at > 0) {
      if (text.charCodeAt(place) !== COMMA) return OTHER;
      place += 1;
    }
    place = readAlong(text, place, values[at]);
    if (place < 0) return place;
  }
  return text.charCodeAt(place) === CLOSING_BRACKET ? place + 1 : OTHER;
}

function readObject(text: string, from: number, fields: Readonly<Record<string, unknown>>): number {
  if (text.charCodeAt(from) !== OPENING_BRACE) return OTHER;
  let place = from + 1;
  let isFirst = true;
  for (const key in fields) {
    const value = fields[key];
    // Left out by `JSON.stringify`.
    if (value === undefined) return UNDECIDED;
    if (!isFirst) {
      if (text.charCodeAt(place) !== COMMA) return OTHER;
      place += 1;
    }
    isFirst = false;
    place = readText(text, place, key);
    if (place < 0) return place;
    if (text.charCodeAt(place) !== COLON) return OTHER;
    place = readAlong(text, place + 1, value);
    if (place < 0) return place;
  }
  return text.charCodeAt(place) === CLOSING_BRACE ? place + 1 : OTHER;
}
