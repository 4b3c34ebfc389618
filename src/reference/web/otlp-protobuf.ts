import protobuf from 'protobufjs/light.js';
import type { ResourceSpans } from './otel.ts';

/** `repeated` or not, type and number of a field, in the order of {@link message}. */
type Field = readonly [name: string, type: string, id: number, rule?: 'repeated'];

const message = (...fields: readonly Field[]): protobuf.IType => ({
  fields: Object.fromEntries(
    fields.map(([name, type, id, rule]) => [name, { type, id, ...(rule && { rule }) }]),
  ),
});

/**
 * What Langfuse reads of OTLP's trace messages (opentelemetry-proto: `trace/v1`, `common/v1`, `resource/v1`). Other fields are skipped, as
 * protobuf prescribes for fields that a reader does not know.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Request: message(['resourceSpans', 'ResourceSpans', 1, 'repeated']),
    ResourceSpans: message(['resource', 'Resource', 1], ['scopeSpans', 'ScopeSpans', 2, 'repeated']),
    Resource: message(['attributes', 'KeyValue', 1, 'repeated']),
    ScopeSpans: message(['scope', 'Scope', 1], ['spans', 'Span', 2, 'repeated']),
    Scope: message(
      ['name', 'string', 1],
      ['version', 'string', 2],
      ['attributes', 'KeyValue', 3, 'repeated'],
      ['droppedAttributesCount', 'uint32', 4],
    ),
    Span: message(
      ['traceId', 'bytes', 1],
      ['spanId', 'bytes', 2],
      ['parentSpanId', 'bytes', 4],
      ['name', 'string', 5],
      ['startTimeUnixNano', 'fixed64', 7],
      ['endTimeUnixNano', 'fixed64', 8],
      ['attributes', 'KeyValue', 9, 'repeated'],
      ['events', 'SpanEvent', 11, 'repeated'],
      ['status', 'Status', 15],
    ),
    SpanEvent: message(['name', 'string', 2], ['attributes', 'KeyValue', 3, 'repeated']),
    Status: message(['message', 'string', 2], ['code', 'int32', 3]),
    KeyValue: message(['key', 'string', 1], ['value', 'AnyValue', 2]),
    AnyValue: message(
      ['stringValue', 'string', 1],
      ['boolValue', 'bool', 2],
      ['intValue', 'int64', 3],
      ['doubleValue', 'double', 4],
      ['arrayValue', 'ArrayValue', 5],
      ['kvlistValue', 'KeyValueList', 6],
      ['bytesValue', 'bytes', 7],
    ),
    ArrayValue: message(['values', 'AnyValue', 1, 'repeated']),
    KeyValueList: message(['values', 'KeyValue', 1, 'repeated']),
  },
});
const request = root.lookupType('Request');

/**
 * The spans of an OTLP request in protobuf. Fields that were not sent are absent; ids are bytes; integers of 64 bits are numbers, as a built
 * Langfuse 3.36.0 has them: the library `long`, with which they would be two of 32 bits, is missing from Next.js' standalone output.
 *
 * @returns undefined for a request without any
 * @throws Error for bytes that are no such message
 */
export function decodeSpans(bytes: Uint8Array): ResourceSpans[] | undefined {
  return request.toObject(request.decode(bytes), { longs: Number }).resourceSpans;
}

/** The bytes of an OTLP request, made by the same description. */
export function encodeSpans(resourceSpans: readonly object[]): Uint8Array {
  return request.encode(request.fromObject({ resourceSpans })).finish();
}
