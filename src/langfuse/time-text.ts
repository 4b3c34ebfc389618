/**
 * Milliseconds since the epoch of a time as it is sent (ISO 8601 with offset) or as it is stored
 * (`YYYY-MM-DD hh:mm:ss.mmm`, UTC); what is finer than a millisecond is cut off, as JavaScript's `Date` does in Langfuse. NaN for anything else.
 */
export function parseTime(text: unknown): number {
  if (typeof text !== 'string') return Number.NaN;
  // The two forms that nearly every time has, read without `Date.parse`: a run has millions of them.
  if (text.length === 24 && text.charCodeAt(10) === LETTER_T && text.charCodeAt(23) === LETTER_Z) {
    return fromDigits(text);
  }
  if (text.charCodeAt(10) !== SPACE) return Date.parse(text);
  return text.length === 23 ? fromDigits(text) : Date.parse(`${text.replace(' ', 'T')}Z`);
}

const LETTER_T = 84;
const LETTER_Z = 90;
const SPACE = 32;
const ZERO = 48;

let knownDate = '';
let knownMidnight = Number.NaN;

/** `YYYY-MM-DD?hh:mm:ss.mmm`. The last date is remembered: most times of a run are of one day. */
function fromDigits(text: string): number {
  if (!text.startsWith(knownDate) || knownDate === '') {
    knownDate = text.slice(0, 10);
    knownMidnight = Date.parse(`${knownDate}T00:00:00.000Z`);
  }
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  const seconds = twoDigits(text, 17);
  const milliseconds = twoDigits(text, 20) * 10 + digit(text, 22);
  const whole = hours < 24 && minutes < 60 && seconds < 60;
  return whole ? knownMidnight + ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds : Number.NaN;
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
