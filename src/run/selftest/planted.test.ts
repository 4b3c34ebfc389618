import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { StoredRow } from '../../checker/input.ts';
import { openHistoryWriter } from '../../history/writer.ts';
import { withMark } from '../../langfuse/mark.ts';
import { CheckpointWriter } from '../checkpoint-file.ts';
import { RunFolder } from '../run-folder.ts';
import { readPlanted } from './planted.ts';

const folder = new RunFolder(mkdtempSync(join(tmpdir(), 'planted-')));
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

const event = (id: string, entity: string) => ({
  id,
  timestamp: '2026-01-01T00:00:00.000Z',
  type: 'trace-create',
  body: { id: entity },
});

/** A run whose requests held these events and whose worker logged these lines. */
function run(requests: readonly (readonly object[])[], lines: readonly (object | string)[]) {
  mkdirSync(folder.logsFolder, { recursive: true });
  const history = openHistoryWriter(folder.historyFile, { run: 'r', seed: '1', projectId: 'p' });
  for (const batch of requests) {
    history.sent({ at: 0, path: '/api/public/ingestion', bodyJson: JSON.stringify({ batch }) });
  }
  history.close();
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(join(folder.logsFolder, 'worker.log'), `${text}\n`);
  return [...readPlanted(folder)].map(([entity, { events, partly }]) => [entity, [...events], partly]);
}

test('which events a hit is about: those it names, those of an object, all of the entity', () => {
  const requests = [[event('e1', 'a'), event('e2', 'a'), event('e3', 'b')], [event('e4', 'a')]];
  const hits = [
    'not a line of the logger',
    { msg: 'an ordinary line' },
    { planted: { entity: 'trace/a', object: 'e1' } },
    { planted: { entity: 'trace/b', events: ['e9'] } },
    { planted: { entity: 'trace/c', partly: true } },
  ];
  expect(run(requests, hits)).toEqual([
    ['trace/a', ['e1', 'e2'], false],
    ['trace/b', ['e9'], false],
    ['trace/c', [], true],
  ]);
});

test('what was made good is no hit, until it is hit again', () => {
  const hit = { planted: { entity: 'trace/a' } };
  const good = { madeGood: { entity: 'trace/a' } };
  expect(run([[event('e1', 'a')]], [hit, good])).toEqual([]);
  rmSync(folder.path, { recursive: true, force: true });
  expect(run([[event('e1', 'a')]], [hit, good, hit])).toEqual([['trace/a', ['e1'], false]]);
});

test('of a row that was lost in part, the marks in the last rows tell which events are not there', () => {
  const marked = (id: string, mark: number) => withMark({ ...event(id, 'a'), type: 'trace-create' }, mark);
  mkdirSync(join(folder.path, 'checkpoints'), { recursive: true });
  const writer = new CheckpointWriter(folder.checkpointFile('settled'), 'settled', 0);
  const { metadata } = marked('e1', 1).body;
  writer.row({ kind: 'trace', id: 'a', metadata } as unknown as StoredRow);
  writer.end(0);
  const hit = { planted: { entity: 'trace/a', partly: true } };
  expect(run([[marked('e1', 1)], [marked('e2', 2)]], [hit])).toEqual([['trace/a', ['e2'], false]]);
});
