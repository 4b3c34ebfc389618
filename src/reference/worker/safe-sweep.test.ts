import { expect, test } from 'vitest';
import type { JobToAdd } from '../safe-queue.ts';
import { sweep } from './safe-sweep.ts';

/** @param landed keys in `event_log` @param rows ids in the tables of entities */
async function sweepOver(pages: string[][], landed: string[], rows: string[]) {
  const added: JobToAdd[] = [];
  const within = (names: string[], params: Record<string, unknown>) =>
    names
      .filter((name) => name >= String(params.first) && name <= String(params.last))
      .map((name) => ({ name }));
  await sweep({
    prefix: 'events/',
    store: {
      async *listAll() {
        for (const page of pages) yield page.map((key) => ({ key, modified: new Date() }));
      },
    },
    clickhouse: {
      query: async (sql: string, params = {}) =>
        within(sql.includes('event_log') ? landed : rows, params) as never[],
    },
    queue: { add: async (jobs) => void added.push(...jobs) },
  });
  return added.map(({ type, entityId, object }) => `${type} ${entityId} ${object}`);
}
const key = (kind: string, id: string, name: string) => `events/p/${kind}/${id}/${name}.json`;

test('what has landed is left alone', async () => {
  const keys = [key('trace', 't', '1'), key('score', 's', '2')];
  expect(await sweepOver([keys], keys, ['t', 's'])).toEqual([]);
});

test('an object that is in no ledger gets a job, one for each entity', async () => {
  const keys = [key('observation', 'a', '1'), key('observation', 'a', '2'), key('trace', 'b%2Fc', '3')];
  expect(await sweepOver([keys], [], ['a', 'b/c'])).toEqual(['observation-create a 2', 'trace-create b/c 3']);
});

test('so does an entity whose row is gone although the ledger names its object', async () => {
  const keys = [key('trace', 't', '1'), key('trace', 'u', '2')];
  expect(await sweepOver([keys], keys, ['u'])).toEqual(['trace-create t 1']);
});

test('every page is looked at, and what belongs to no entity is passed over', async () => {
  expect(await sweepOver([['events/readme.txt'], [key('score', 's', '1')]], [], [])).toEqual([
    'score-create s 1',
  ]);
});
