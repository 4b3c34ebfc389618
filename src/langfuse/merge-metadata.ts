/** Metadata as it is stored: a map of texts. Keys and values stand side by side, because keys are as many as events. */
export interface MergedMetadata {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** Beyond this many keys they are looked up in a map instead of one by one. */
const FEW_KEYS = 24;

/**
 * The metadata that events leave behind when they are merged in this order: objects deeply, key by key; arrays
 * index by index; everything else replaced, null included. Then every value that is no text becomes JSON.
 * `overwriteObject`, `convertJsonSchemaToRecord` and `convertRecordValuesToString` in
 * `worker/src/services/IngestionService/utils.ts` at v3.36.0, where lodash's `merge` does the work.
 */
export function mergeMetadata(inOrder: readonly unknown[]): MergedMetadata {
  const keys: string[] = [];
  const values: unknown[] = [];
  let positions: Map<string, number> | undefined;
  const put = (key: string, value: unknown) => {
    if (!positions && keys.length >= FEW_KEYS) positions = new Map(keys.map((known, at) => [known, at]));
    const at = positions ? (positions.get(key) ?? -1) : keys.indexOf(key);
    if (at === -1) {
      positions?.set(key, keys.length);
      keys.push(key);
      values.push(value);
    } else {
      values[at] = overlay(values[at], value);
    }
  };
  for (const metadata of inOrder) {
    // A text, a number or an array comes under the key `metadata`; what is falsy, and a bare `true`, leaves nothing.
    if (!metadata || metadata === true) continue;
    if (typeof metadata !== 'object') put('metadata', String(metadata));
    else if (Array.isArray(metadata)) put('metadata', JSON.stringify(metadata));
    else for (const key in metadata) put(key, (metadata as Record<string, unknown>)[key]);
  }
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    if (typeof value !== 'string') values[at] = JSON.stringify(value);
  }
  return { keys, values: values as string[] };
}

/** lodash's `merge` for what JSON can hold; changes neither of the two. */
function overlay(below: unknown, over: unknown): unknown {
  if (typeof over !== 'object' || over === null) return over;
  if (Array.isArray(over)) {
    const merged: unknown[] = Array.isArray(below) ? below.slice() : [];
    for (let at = 0; at < over.length; at += 1) merged[at] = overlay(merged[at], over[at]);
    return merged;
  }
  if (Array.isArray(below)) return overlayOnArray(below, over as Record<string, unknown>);
  const isObject = typeof below === 'object' && below !== null;
  const merged: Record<string, unknown> = isObject ? { ...below } : {};
  for (const key of Object.keys(over)) {
    merged[key] = overlay(merged[key], (over as Record<string, unknown>)[key]);
  }
  return merged;
}

/** An object laid over an array leaves an array: only its keys that are indexes show in JSON. */
function overlayOnArray(below: readonly unknown[], over: Record<string, unknown>): unknown[] {
  const merged = below.slice();
  for (const [key, value] of Object.entries(over)) {
    if (/^(0|[1-9]\d{0,5})$/.test(key)) merged[Number(key)] = overlay(merged[Number(key)], value);
  }
  return merged;
}
