import { randomUUID } from 'node:crypto';

/** An event with an id of its own. @param type `trace-create`, … */
export function event<Body extends object>(type: string, body: Body, timestamp = new Date()) {
  return { id: `event-${randomUUID()}`, type, timestamp: timestamp.toISOString(), body };
}

/** A trace with an id of its own, unless the body has one. */
export function trace(body: object = {}) {
  const full = { id: `trace-${randomUUID()}`, timestamp: new Date().toISOString(), name: 'a trace', ...body };
  return { ...event('trace-create', full), body: full };
}

/** An observation with an id of its own, unless the body has one. */
export function observation(type: 'span-create' | 'generation-create' | 'event-create', body: object = {}) {
  const full = {
    id: `observation-${randomUUID()}`,
    traceId: `trace-${randomUUID()}`,
    startTime: new Date().toISOString(),
    ...body,
  };
  return { ...event(type, full), body: full };
}

/** A score with an id of its own: what every write mode takes. */
export function score() {
  return event('score-create', { id: randomUUID(), name: 'n', traceId: 't', value: 1 });
}

/** A number of things. */
export const several = <Thing>(count: number, make: () => Thing): Thing[] =>
  Array.from({ length: count }, make);

/** One span as OTLP/JSON. */
export function spans() {
  const hex = (length: number) => randomUUID().replaceAll('-', '').slice(0, length);
  const span = {
    traceId: hex(32),
    spanId: hex(16),
    name: 'a span',
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now() + 5}000000`,
  };
  return { resourceSpans: [{ scopeSpans: [{ scope: { name: 'contract' }, spans: [span] }] }] };
}
