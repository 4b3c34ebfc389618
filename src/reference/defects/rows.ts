import type { Table } from '../tables.ts';
import { CONTENT_DEFECTS } from './content.ts';
import { type EntityKey, mayHit, type Plant, picks } from './plant.ts';
import { entityOf, type Row, timeColumnOf } from './row.ts';

/** Inserts rows into a table. */
type Insert = (table: Table, rows: readonly object[]) => Promise<void>;

const DAY = 86_400_000;
/**
 * Inserts of spared traces after the last other row at which `vanish-after-seen` strikes: a tester that sends each once it has seen
 * the one before has by then seen all that came before them.
 */
const SPARED_BEFORE_VANISHING = 2;

/** The writer's insert with the defects of rows. The list of objects in `event_log` is never touched. */
export function plantInInserts(insert: Insert, plant: Plant | undefined): Insert {
  const body = plant && (BODIES[plant.defect] ?? contentBody(plant));
  if (!body) return insert;
  const planted = body(insert, plant);
  return (table, rows) =>
    table === 'event_log' ? insert(table, rows) : planted(table, rows as readonly Row[]);
}

type Body = (insert: Insert, plant: Plant) => (table: Table, rows: readonly Row[]) => Promise<void>;

const BODIES: Partial<Record<Plant['defect'], Body>> = {
  'swallow-insert-error': (insert, plant) => {
    const ledger = new Ledger(plant);
    let inserts = 0;
    return async (table, rows) => {
      const mayFail = rows.some(({ id }) => mayHit(id));
      if (mayFail) inserts += 1;
      ledger.meant(table, rows);
      // The second and each third after it fails; the error ends here. Spared rows must not go with the others.
      const fails = mayFail && inserts % 3 === 2;
      const landing = fails ? rows.filter(({ id }) => !mayHit(id)) : rows;
      if (landing.length > 0) await insert(table, landing);
      ledger.landed(table, landing);
      ledger.compare(table, rows);
    };
  },
  'lose-last-row': (insert, plant) => {
    const ledger = new Ledger(plant);
    return async (table, rows) => {
      const isHit = mayHit(rows.at(-1)?.id ?? '');
      const kept = isHit ? rows.slice(0, -1) : rows;
      ledger.meant(table, rows);
      if (kept.length > 0) await insert(table, kept);
      ledger.landed(table, kept);
      ledger.compare(table, rows);
    };
  },
  'double-on-another-day': (insert, plant) => async (table, rows) => {
    const doubles = rows.filter(({ id }) => picks(id, 8)).map((row) => onNextDay(table, row));
    for (const row of doubles) plant.hit(entityOf(table, row));
    await insert(table, [...rows, ...doubles]);
  },
  'replay-doubles': (insert, plant) => async (table, rows) => {
    const replayed = rows.filter((row) => plant.wasHit(entityOf(table, row)));
    await insert(table, [...rows, ...replayed.map((row) => onNextDay(table, row))]);
  },
  'double-on-retry': (insert, plant) => {
    const failedOnce = new Set<Table>();
    const retried = new Set<Row>();
    return async (table, rows) => {
      const doubles = rows.filter((row) => retried.has(row)).map((row) => onNextDay(table, row));
      for (const row of doubles) plant.hit(entityOf(table, row));
      await insert(table, [...rows, ...doubles]);
      const hit = rows.filter(({ id }) => mayHit(id));
      if (hit.length === 0 || failedOnce.has(table)) return;
      failedOnce.add(table);
      for (const row of hit) retried.add(row);
      throw new Error('Planted: the answer to this insert was lost');
    };
  },
  'invent-row': (insert, plant) => {
    let isDone = false;
    return async (table, rows) => {
      const model = rows.find(({ id }) => mayHit(id));
      if (isDone || table !== 'traces' || !model) return insert(table, rows);
      isDone = true;
      const invented = { ...model, id: `${model.id}-invented` };
      plant.hit(entityOf(table, invented));
      await insert(table, [...rows, invented]);
    };
  },
  'vanish-after-seen': (insert, plant) => {
    const doomed = new Map<EntityKey, { table: Table; row: Row }>();
    let spared = 0;
    return async (table, rows) => {
      await insert(table, rows);
      for (const row of rows.filter(({ id }) => picks(id, 8))) {
        const entity = entityOf(table, row);
        if (!plant.wasHit(entity)) plant.hit(entity);
        doomed.set(entity, { table, row });
      }
      if (rows.some(({ id }) => mayHit(id))) spared = 0;
      else if (table === 'traces') spared += 1;
      if (spared !== SPARED_BEFORE_VANISHING) return;
      for (const { table, row } of doomed.values()) {
        await insert(table, [{ ...row, is_deleted: 1, event_ts: Date.now() }]);
      }
    };
  },
};

/** The body of a defect that changes the content of single rows. */
function contentBody({ defect }: Plant): Body | undefined {
  const change = CONTENT_DEFECTS[defect];
  if (!change) return undefined;
  return (insert, plant) => (table, rows) =>
    insert(
      table,
      rows.map((row) => {
        const entity = entityOf(table, row);
        const changed = mayHit(row.id) ? change(table, row, plant.wasHit(entity)) : undefined;
        if (!changed) plant.madeGood(entity);
        else if (!plant.wasHit(entity)) plant.hit(entity);
        return changed ?? row;
      }),
    );
}

/** The row as it would be of the next day, and a little older, so that the right one stays the newest. */
function onNextDay(table: Table, row: Row): Row {
  const column = timeColumnOf(table);
  return { ...row, [column]: Number(row[column]) + DAY, event_ts: Number(row.event_ts) - 1 };
}

/** Knows of each entity the row that should be there and the one that is. */
class Ledger {
  readonly #plant: Plant;
  readonly #meant = new Map<EntityKey, string>();
  readonly #landed = new Map<EntityKey, string>();

  constructor(plant: Plant) {
    this.#plant = plant;
  }

  meant(table: Table, rows: readonly Row[]): void {
    for (const row of rows) this.#meant.set(entityOf(table, row), contentOf(row));
  }

  landed(table: Table, rows: readonly Row[]): void {
    for (const row of rows) this.#landed.set(entityOf(table, row), contentOf(row));
    this.compare(table, rows);
  }

  /** Notes which of these are hit and which are well. */
  compare(table: Table, rows: readonly Row[]): void {
    for (const row of rows) {
      const entity = entityOf(table, row);
      if (this.#meant.get(entity) === this.#landed.get(entity)) this.#plant.madeGood(entity);
      else if (!this.#plant.wasHit(entity)) this.#plant.hit(entity, { partly: true });
    }
  }
}

/** What events tell a row; a row that was merged with a stored one has the rest in another form. */
function contentOf({ name, input, output, metadata, comment, value }: Row): string {
  const entries = Object.entries((metadata ?? {}) as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name || '', input || '', output || '', entries, comment || '', value ?? 0]);
}
