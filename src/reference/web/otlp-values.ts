/** An integer of 64 bits, as some clients write it in JSON. Where `low` has a sign, the whole is 2³² too low in half of all cases. */
interface SplitInteger {
  readonly high: number;
  readonly low: number;
}
/** Nanoseconds since the epoch: a text, a number or two halves in JSON, a number in protobuf. */
export type Nanos = string | number | SplitInteger;
/** An id: a text in JSON, bytes in protobuf, or bytes as JSON has them. */
export type Id = string | Uint8Array | { readonly data: readonly number[] };
/** One attribute. */
export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}
interface AnyValue {
  readonly stringValue?: string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  /** A text in JSON that follows OTLP's mapping. */
  readonly intValue?: string | number | SplitInteger;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
}
/** Attributes by key. */
export type Attributes = Record<string, unknown>;

/** Attributes as plain values. */
export function readAttributes(attributes: readonly KeyValue[] | null | undefined): Attributes {
  return Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, plainValue(value)]));
}

/** Key-value lists, bytes and the integer 0 come out as the text of their JSON. */
function plainValue(value: AnyValue): unknown {
  const { stringValue, doubleValue, boolValue, arrayValue, intValue } = value;
  if (stringValue !== undefined) return stringValue;
  if (doubleValue !== undefined) return doubleValue;
  if (boolValue !== undefined) return boolValue;
  if (arrayValue?.values !== undefined) return arrayValue.values.map(plainValue);
  return intValue ? plainInteger(intValue) : JSON.stringify(value);
}

/** The integers of OTLP/JSON are texts, and NaN here. */
function plainInteger(integer: string | number | SplitInteger): number {
  if (typeof integer === 'number') return integer;
  if (typeof integer === 'string') return Number.NaN;
  const { high, low } = integer;
  if (high === 0 || (high === -1 && low === -1)) return low;
  return joined(integer);
}

const joined = ({ high, low }: SplitInteger): number => high * 2 ** 32 + low;

/** A time. @throws RangeError or TypeError where there is none */
export function toIso(nanos: Nanos): string {
  if (typeof nanos === 'string') return new Date(Number.parseInt(nanos, 10) / 1e6).toISOString();
  return new Date((typeof nanos === 'number' ? nanos : joined(nanos)) / 1e6).toISOString();
}

/** The hex of an id's bytes, and so, in JSON where the id *is* hex, the hex of a text. @throws TypeError where there is none */
export function toHex(id: Id): string {
  return Buffer.from(typeof id === 'object' && 'data' in id ? id.data : (id as string)).toString('hex');
}
