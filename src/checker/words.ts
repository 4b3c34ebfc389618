/** A number with thousands set apart, and its noun. */
export function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** `12 events`, `1 acknowledged event`. */
export function events(n: number, adjective = ''): string {
  const before = adjective === '' ? '' : `${adjective} `;
  return count(n, `${before}event`, `${before}events`);
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}
