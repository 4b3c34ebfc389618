import { isJsonOf } from './json-text.ts';

/** Metadata as it is stored: a map of texts. Keys and values stand side by side, because keys are as many as events. */
export class MergedMetadata {
  readonly keys: readonly string[];
  /** Texts are as they will be stored; anything else becomes JSON, which is made only where it is needed. */
  readonly #merged: unknown[];

  /** @param merged a value for each key; the list is taken over */
  constructor(keys: readonly string[], merged: unknown[]) {
    this.keys = keys;
    this.#merged = merged;
  }

  get values(): readonly string[] {
    return this.#merged.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  }

  /** Whether a map that was read holds exactly these keys and texts, in any order. */
  isStoredAs(stored: Readonly<Record<string, unknown>>): boolean {
    const { keys } = this;
    const merged = this.#merged;
    let found = 0;
    for (const key in stored) {
      // Nearly always the keys come in the order in which they were merged.
      const place = keys[found] === key ? found : keys.indexOf(key);
      if (place === -1) return false;
      const text = stored[key];
      // A number or null must not pass for itself: what is stored are texts.
      if (typeof text !== 'string') return false;
      if (text !== merged[place]) {
        if (typeof merged[place] === 'string' || !isJsonOf(text, merged[place])) return false;
        // It is that value's JSON: the rows of later checkpoints are compared with the text.
        merged[place] = text;
      }
      found += 1;
    }
    return found === keys.length;
  }
}

/** Beyond this many keys they are looked up in a map instead of one by one. */
const FEW_KEYS = 24;

/**
 * The metadata that events leave behind when they are merged in this order: objects deeply, key by key; arrays
 * index by index; everything else replaced, null included. Then every value that is no text becomes JSON.
 * `overwriteObject`, `convertJsonSchemaToRecord` and `convertRecordValuesToString` in
 * `worker/src/services/IngestionService/utils.ts` at v3.36.0, where lodash's `merge` does the work.
 */
export function mergeMetadata(inOrder: readonly MetadataCarrier[]): MergedMetadata {
  const keys: string[] = [];
  const values: unknown[] = [];
  for (let at = 0; at < inOrder.length; at += 1) {
    const metadata = (inOrder[at] as MetadataCarrier).event.body.metadata;
    // What is falsy, and a bare `true`, leaves nothing.
    if (!metadata || metadata === true) continue;
    const record = asRecord(metadata);
    if (keys.length === 0) {
      for (const key in record) {
        keys.push(key);
        values.push(record[key]);
      }
    } else if (keys.length <= FEW_KEYS) {
      for (const key in record) put(keys, values, keys.indexOf(key), key, record[key]);
    } else {
      const places = new Map(keys.map((key, place) => [key, place]));
      for (const key in record) put(keys, values, places.get(key) ?? -1, key, record[key]);
    }
  }
  return new MergedMetadata(keys, values);
}

/** An event whose metadata is merged. */
interface MetadataCarrier {
  readonly event: { readonly body: { readonly metadata?: unknown } };
}

/** A text, a number or an array comes under the key `metadata`. */
function asRecord(metadata: unknown): Readonly<Record<string, unknown>> {
  if (typeof metadata !== 'object') return { metadata: String(metadata) };
  if (Array.isArray(metadata)) return { metadata: JSON.stringify(metadata) };
  return metadata as Readonly<Record<string, unknown>>;
}

function put(keys: string[], values: unknown[], place: number, key: string, value: unknown): void {
  if (place === -1) {
    keys.push(key);
    values.push(value);
  } else {
    values[place] = overlay(values[place], value);
  }
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
