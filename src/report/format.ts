/** Numbers, times and foreign text as every report writes them. */

const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A whole number with separators: `12,345`. */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** Events or jobs a second: one decimal below 10, none above. */
export function formatRate(perSecond: number): string {
  return perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond);
}

/** A length of time in milliseconds as `40 ms`, `1.4 s`, `12 s`, `1 min 12 s` or `2 h 05 min`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown';
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A moment as its distance in milliseconds from the zero of the timeline: `0:12.4`, `-0:03.0`, `1:02:03.5`. */
export function formatOffset(ms: number): string {
  const tenths = Math.round(Math.abs(ms) / 100);
  const seconds = Math.floor(tenths / 10);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const clock = `${String(seconds % 60).padStart(2, '0')}.${tenths % 10}`;
  const sign = ms < 0 && tenths > 0 ? '-' : '';
  return hours > 0
    ? `${sign}${hours}:${String(minutes).padStart(2, '0')}:${clock}`
    : `${sign}${minutes}:${clock}`;
}

/** Milliseconds since the epoch as `2025-03-05 14:03:22 UTC`; `unknown` outside of the years that Date knows. */
export function formatInstant(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return 'unknown';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 event`, `2 events`. */
export function formatQuantity(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text from outside on one line, with every character that a terminal, a browser or an XML parser could act on
 * made visible: control characters (so no escape sequence reaches a terminal), line separators, characters that
 * turn the direction of writing, lone surrogates and non-characters. The joiners of emoji and of scripts such as
 * Persian stay.
 */
export function printable(text: string): string {
  return text.replace(
    /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu,
    (character) => ESCAPES[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** The text, cut to at most `length` UTF-16 units with an ellipsis as the last; never inside a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = length - 1;
  const splitsPair = /[\ud800-\udbff]/.test(text[end - 1] ?? '');
  return `${text.slice(0, splitsPair ? end - 1 : end)}…`;
}
