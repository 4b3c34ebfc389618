import type { EntityType } from '../events.ts';
import type { Table } from '../tables.ts';
import type { EntityKey } from './plant.ts';

/** A row on its way to ClickHouse; times are milliseconds since the epoch. */
export type Row = { readonly id: string; readonly [column: string]: unknown };

const TYPE_OF: Partial<Record<Table, EntityType>> = {
  traces: 'trace',
  observations: 'observation',
  scores: 'score',
};

/** The entity that a row is of. */
export function entityOf(table: Table, row: Row): EntityKey {
  return `${TYPE_OF[table] ?? 'trace'}/${row.id}`;
}

/** The column whose day is part of the sorting key. */
export function timeColumnOf(table: Table): string {
  return table === 'observations' ? 'start_time' : 'timestamp';
}
