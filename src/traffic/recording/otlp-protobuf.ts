import protobuf from 'protobufjs/light.js';

type Field = readonly [name: string, type: string, id: number];

const message = (fields: readonly Field[], repeated: readonly Field[] = []): protobuf.IType => ({
  fields: Object.fromEntries([
    ...fields.map(([name, type, id]) => [name, { type, id }]),
    ...repeated.map(([name, type, id]) => [name, { type, id, rule: 'repeated' }]),
  ]),
});

/** OTLP's trace messages (opentelemetry-proto 1.x: `trace/v1`, `common/v1`, `resource/v1`) without links and counts of what was dropped. */
const root = protobuf.Root.fromJSON({
  nested: {
    Request: message([], [['resourceSpans', 'ResourceSpans', 1]]),
    ResourceSpans: message([['resource', 'Resource', 1]], [['scopeSpans', 'ScopeSpans', 2]]),
    Resource: message([], [['attributes', 'KeyValue', 1]]),
    ScopeSpans: message([['scope', 'Scope', 1]], [['spans', 'Span', 2]]),
    Scope: message(
      [
        ['name', 'string', 1],
        ['version', 'string', 2],
      ],
      [['attributes', 'KeyValue', 3]],
    ),
    Span: message(
      [
        ['traceId', 'bytes', 1],
        ['spanId', 'bytes', 2],
        ['parentSpanId', 'bytes', 4],
        ['name', 'string', 5],
        ['kind', 'int32', 6],
        ['startTimeUnixNano', 'fixed64', 7],
        ['endTimeUnixNano', 'fixed64', 8],
        ['status', 'Status', 15],
      ],
      [
        ['attributes', 'KeyValue', 9],
        ['events', 'Event', 11],
      ],
    ),
    Event: message(
      [
        ['timeUnixNano', 'fixed64', 1],
        ['name', 'string', 2],
      ],
      [['attributes', 'KeyValue', 3]],
    ),
    Status: message([
      ['message', 'string', 2],
      ['code', 'int32', 3],
    ]),
    KeyValue: message([
      ['key', 'string', 1],
      ['value', 'AnyValue', 2],
    ]),
    AnyValue: message([
      ['stringValue', 'string', 1],
      ['boolValue', 'bool', 2],
      ['intValue', 'int64', 3],
      ['doubleValue', 'double', 4],
      ['arrayValue', 'ArrayValue', 5],
      ['kvlistValue', 'KeyValueList', 6],
      ['bytesValue', 'bytes', 7],
    ]),
    ArrayValue: message([], [['values', 'AnyValue', 1]]),
    KeyValueList: message([], [['values', 'KeyValue', 1]]),
  },
});
const request = root.lookupType('Request');

const IDS = ['traceId', 'spanId', 'parentSpanId'];

/**
 * An OTLP request in protobuf, as the Python SDK sends it, in the JSON form that the player sends: ids as hex, times as text, integers as
 * numbers where these can hold them.
 *
 * @throws Error for bytes that are no such message
 */
export function spansOfProtobuf(bytes: Uint8Array): unknown {
  const decoded = request.toObject(request.decode(bytes), { longs: String, bytes: String });
  return JSON.parse(JSON.stringify(decoded), function (this: unknown, key: string, value: unknown) {
    if (typeof value !== 'string') return value;
    if (IDS.includes(key)) return Buffer.from(value, 'base64').toString('hex');
    if (key === 'intValue') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    return value;
  });
}

/** The bytes of an OTLP request, from its JSON form. */
export function protobufOfSpans(body: unknown): Uint8Array {
  const raw = JSON.parse(JSON.stringify(body), (key, value) =>
    IDS.includes(key) ? Buffer.from(value, 'hex').toString('base64') : value,
  );
  return request.encode(request.fromObject(raw)).finish();
}
