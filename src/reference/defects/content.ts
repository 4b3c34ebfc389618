import type { Defect } from '../defects.ts';
import type { Table } from '../tables.ts';
import { picks } from './plant.ts';
import { type Row, timeColumnOf } from './row.ts';

const LONGEST_INPUT = 300;
const DAY = 86_400_000;
const ZONE = 5 * 3_600_000;

/**
 * What a row becomes by a defect of its content; undefined where that is what it was.
 *
 * @param wasHit whether an earlier row of the entity was changed, which this one may have been merged with
 */
type Change = (table: Table, row: Row, wasHit: boolean) => Row | undefined;

/** Defects that change the content of single rows. */
export const CONTENT_DEFECTS: Partial<Record<Defect, Change>> = {
  'cut-long-input': (_table, row) => {
    if (typeof row.input !== 'string' || row.input.length <= LONGEST_INPUT) return undefined;
    return { ...row, input: row.input.slice(0, LONGEST_INPUT) };
  },
  'swap-two-fields': (table, row) => {
    const { user_id, session_id } = row;
    if (table !== 'traces' || !user_id || !session_id) return undefined;
    return { ...row, user_id: session_id, session_id: user_id };
  },
  'wrong-project': (_table, row) =>
    picks(row.id, 8) ? { ...row, project_id: 'another-project' } : undefined,
  'lose-tag': (_table, row) => {
    if (!Array.isArray(row.tags) || row.tags.length < 2) return undefined;
    return { ...row, tags: row.tags.slice(0, -1) };
  },
  'lose-metadata-key': (_table, row) => {
    const { client, ...metadata } = (row.metadata ?? {}) as Record<string, unknown>;
    return client !== undefined && picks(row.id, 4) ? { ...row, metadata } : undefined;
  },
  'shift-time': (table, row) => {
    const column = timeColumnOf(table);
    if (table === 'scores' || !picks(row.id, 4)) return undefined;
    const time = Number(row[column]);
    // A row that was merged with a shifted one has its time already. Within its day, or the row would be doubled.
    return { ...row, [column]: time % DAY < ZONE ? time : time - ZONE };
  },
  'score-under-another-trace': (table, row, wasHit) => {
    if (table !== 'scores') return undefined;
    const trace_id = String(row.trace_id).replace(/-.*$/, '-0');
    return wasHit || trace_id !== row.trace_id ? { ...row, trace_id } : undefined;
  },
  'cut-milliseconds': (table, row) => {
    const end = Number(row.end_time);
    if (table !== 'observations' || !row.end_time || end % 1000 === 0) return undefined;
    return { ...row, end_time: end - (end % 1000) };
  },
  'normalise-text': (_table, row) => {
    if (typeof row.input !== 'string' || row.input.normalize('NFD') === row.input) return undefined;
    return { ...row, input: row.input.normalize('NFD') };
  },
  'round-score': (table, row) => {
    if (table !== 'scores' || Number.isInteger(row.value) || typeof row.value !== 'number') return undefined;
    return { ...row, value: Math.round(row.value) };
  },
  'blank-for-null': (table, row) =>
    table === 'observations' && picks(row.id, 4) && !row.version ? { ...row, version: '' } : undefined,
};
