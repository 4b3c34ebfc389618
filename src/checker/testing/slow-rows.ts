import type { EntityKind, IngestionEvent } from '../../langfuse/events.ts';
import type { SentEvent, StoredRow } from '../input.ts';
import { PROJECT } from './build.ts';
import { process } from './slow-merge.ts';

/** Columns that are null when nothing was given; all others of a merged row are always there. */
const NULLABLE: Readonly<Record<EntityKind, readonly string[]>> = {
  trace: ['user_id', 'session_id', 'release', 'version', 'input', 'output'],
  observation: [
    ...['parent_observation_id', 'end_time', 'completion_start_time', 'status_message', 'version', 'input'],
    ...['output', 'provided_model_name', 'model_parameters', 'total_cost', 'prompt_name', 'prompt_version'],
  ],
  score: ['observation_id', 'string_value', 'comment'],
};

/**
 * Every row that an entity may have after all of these were stored and the last job for it has run: each order in which
 * the requests may have come into S3, each moment at which the entity may have been processed for the first time, each
 * order of events of one time. As texts, so that they can be compared.
 */
export function possibleRows(kind: EntityKind, sends: readonly SentEvent[]): Set<string> {
  const requests = [...new Set(sends.map(({ request }) => request))];
  const rows = new Set<string>();
  for (const order of permutations(requests)) {
    if (!isPossible(order, sends)) continue;
    for (let first = 1; first <= order.length; first += 1) {
      const early = eventsOf(sends.filter(({ request }) => order.slice(0, first).includes(request)));
      for (const firstOrder of timeOrders(early)) {
        const stored = process(kind, undefined, firstOrder);
        for (const lastOrder of timeOrders(eventsOf(sends)))
          rows.add(textOf(kind, process(kind, stored, lastOrder)));
      }
    }
  }
  return rows;
}

/** The sends that may have stored something: a refused one stores nothing, unless the event has leaked. */
export function storingSends(sends: readonly SentEvent[]): readonly SentEvent[] {
  return sends.filter(
    (send) =>
      send.answer !== 'refused' ||
      sends.every((other) => other.event.id !== send.event.id || other.answer === 'refused'),
  );
}

/** A row in the form in which it is read from ClickHouse. */
export function storedRow(text: string, id: string, overrides: Partial<StoredRow> = {}): StoredRow {
  return {
    project_id: PROJECT,
    id,
    event_ts: '2026-01-01 00:00:00.000',
    is_deleted: 0,
    ...JSON.parse(text),
    ...overrides,
  };
}

/** The part of a row that its events decide, as text. */
export function contentText(row: StoredRow): string {
  const { project_id: _, id: __, event_ts: ___, is_deleted: ____, ...content } = row;
  return canonical(content);
}

function textOf(kind: EntityKind, merged: Record<string, unknown>): string {
  const row: Record<string, unknown> = { kind };
  for (const column of NULLABLE[kind]) row[column] = null;
  for (const [column, value] of Object.entries(merged)) {
    row[column] =
      column.endsWith('time') || column === 'timestamp' ? time(value) : (value ?? row[column] ?? null);
  }
  if (kind !== 'score') row.name ??= '';
  else row.value ??= 0;
  if (kind === 'observation') {
    const usage = (merged.provided_usage_details ?? {}) as Record<string, number>;
    const given = Object.entries(usage).map(([key, amount]) => [key, String(amount)]);
    const sum = Object.values(usage).reduce((total, amount) => total + amount, 0);
    row.provided_usage_details = Object.fromEntries(given);
    const hasTotal = given.length === 0 || 'total' in usage;
    row.usage_details = Object.fromEntries(hasTotal ? given : [...given, ['total', String(sum)]]);
    row.provided_cost_details = {};
    row.cost_details = {};
  }
  return canonical(row);
}

const time = (value: unknown) =>
  value ? new Date(value as number).toISOString().replace('T', ' ').replace('Z', '') : null;

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** A request that was acknowledged before another was sent was in S3 before it. */
function isPossible(order: readonly number[], sends: readonly SentEvent[]): boolean {
  return order.every((request, at) =>
    order
      .slice(at + 1)
      .every((later) => !sends.some((a) => a.request === later && cameBefore(a, request, sends))),
  );
}

function cameBefore(a: SentEvent, request: number, sends: readonly SentEvent[]): boolean {
  return sends.some(
    (b) => b.request === request && a.answer === 'acknowledged' && (a.answeredAt ?? Infinity) < b.sentAt,
  );
}

function eventsOf(sends: readonly SentEvent[]): IngestionEvent[] {
  return [...new Map(sends.map(({ event }) => [event.id, event])).values()];
}

function timeOrders(events: readonly IngestionEvent[]): IngestionEvent[][] {
  const rank = ({ timestamp, type }: IngestionEvent) =>
    Date.parse(timestamp) * 2 + (type.includes('create') ? 0 : 1);
  return permutations(events).filter((order) =>
    order.every((event, at) => at === 0 || rank(order[at - 1] as IngestionEvent) <= rank(event)),
  );
}

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
