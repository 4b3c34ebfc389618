import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EntityKind } from '../langfuse/events.ts';
import { COLUMNS_OF } from '../langfuse/stored-row.ts';
import { entityEvents } from './entity-events.ts';
import { RowExplainer } from './explain-row.ts';
import type { Answer, SentEvent, StoredRow } from './input.ts';
import { someSends } from './testing/arbitraries.ts';
import { START } from './testing/build.ts';
import { possibleRows, storedRow, storingSends } from './testing/slow-rows.ts';

/* What is usual is explained in a shorter way, and a row that equals the one before not at all: both must say what the general way says. */

const KINDS = ['trace', 'observation', 'score'] as const;

test.each(KINDS)('a %s: the short way agrees with the general one', (kind) => {
  fc.assert(
    fc.property(history(kind), ({ sends, rows }) => {
      const explainer = explainerOf(kind, sends);
      for (const row of rows) expectSame(explainer, kind, sends, row);
    }),
    { numRuns: 300 },
  );
});

test.each(KINDS)(
  'a %s: a change in any one column after a right row is seen as in the general way',
  (kind) => {
    fc.assert(
      fc.property(history(kind), ({ sends, rows: [row] }) => {
        const explainer = explainerOf(kind, sends);
        expectSame(explainer, kind, sends, row as StoredRow);
        for (const column of comparedColumns(kind)) {
          for (const value of [
            'changed',
            '2026-01-01 00:00:09.000',
            7,
            null,
            true,
            ['x', 'x'],
            { x: '9' },
            {},
          ]) {
            expectSame(explainer, kind, sends, { ...(row as StoredRow), [column]: value });
          }
        }
        // What was explained before has not changed what comes after.
        expectSame(explainer, kind, sends, row as StoredRow);
      }),
      { numRuns: 60 },
    );
  },
);

test.each(KINDS)(
  'a %s: of the rows of one right entity, one that differs in any one column is altered',
  (kind) => {
    const [sends, row] = rightEntity(kind);
    const explainer = explainerOf(kind, sends);
    expect(explainer.explain(row)).toMatchObject({
      included: { length: 1 },
      differences: [],
      unclear: false,
    });
    const equal = { ...row, event_ts: '2026-01-02 00:00:00.000' };
    expect(explainer.explain(equal)).toBe(explainer.explain(row));
    for (const column of comparedColumns(kind)) {
      const { included, differences } = explainer.explain({ ...row, [column]: 'changed' });
      // Without its mark it is no longer known for the event's row.
      const isMark = column === 'metadata' || column === 'comment';
      expect(isMark ? included.length === 0 : differences.length === 1, column).toBe(true);
    }
  },
);

function expectSame(
  explainer: RowExplainer,
  kind: EntityKind,
  sends: readonly SentEvent[],
  row: StoredRow,
): void {
  const quick = explainer.explain(row);
  const general = explainerOf(kind, sends).explainByMarks(row);
  expect({ ...quick, included: idsOf(quick) }).toEqual({ ...general, included: idsOf(general) });
}

function idsOf({ included }: ReturnType<RowExplainer['explain']>): string[] {
  return included.map(({ event }) => event.id);
}

function explainerOf(kind: EntityKind, sends: readonly SentEvent[]): RowExplainer {
  return new RowExplainer(
    kind,
    entityEvents(sends, START + 60_000, () => undefined),
  );
}

const NOT_COMPARED = ['project_id', 'id', 'event_ts', 'is_deleted', 'bookmarked', 'config_id'];

function comparedColumns(kind: EntityKind): string[] {
  return COLUMNS_OF[kind].filter((column) => !NOT_COMPARED.includes(column));
}

/** Some sends of one entity, and rows that some of the events may have left behind, the first of them by all. */
function history(
  kind: EntityKind,
): fc.Arbitrary<{ readonly sends: readonly SentEvent[]; readonly rows: readonly StoredRow[] }> {
  return someSends(kind).chain((sends) => {
    const ids = [...new Set(sends.map(({ event }) => event.id))];
    const row = (chosen: readonly string[], which: number): StoredRow => {
      const possible = [
        ...possibleRows(kind, storingSends(sends.filter(({ event }) => chosen.includes(event.id)))),
      ].sort();
      return storedRow(possible[which % possible.length] as string, 'it');
    };
    const some = fc
      .tuple(fc.subarray(ids, { minLength: 1 }), fc.nat({ max: 3 }))
      .map(([chosen, which]) => row(chosen, which));
    return fc
      .tuple(fc.nat({ max: 3 }), fc.array(some, { maxLength: 4 }))
      .map(([which, others]) => ({ sends, rows: [row(ids, which), ...others, row(ids, which)] }));
  });
}

/** One acknowledged event with something in most fields, and its row. */
function rightEntity(kind: EntityKind): [readonly SentEvent[], StoredRow] {
  const answers = fc.constant<Answer>('acknowledged');
  const sends = fc
    .sample(someSends(kind, answers), { seed: 1, numRuns: 200 })
    .find((each) => each.length === 1 && Object.keys(each[0]?.event.body ?? {}).length > 5);
  if (!sends) throw new Error('no sample has a single event');
  const [text] = possibleRows(kind, sends);
  return [sends, storedRow(text as string, 'it')];
}
