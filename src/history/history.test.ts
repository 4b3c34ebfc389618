import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChaosError } from '../base/errors.ts';
import { openHistory } from './reader.ts';
import { openHistoryWriter } from './writer.ts';

const HEADER = { run: 'run-1', seed: '42', projectId: 'p' };
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  file = join(folder, 'history.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One request answered, one refused, one without an answer. */
function writeThree({ close = true } = {}) {
  const writer = openHistoryWriter(file, HEADER);
  for (const request of [0, 1, 2]) {
    const number = writer.sent({
      at: 10 + request,
      path: '/p',
      bodyJson: `{"batch":[{"id":"é-${request}"}]}`,
    });
    expect(number).toBe(request);
  }
  writer.answered({ request: 1, at: 20, status: 400, body: { message: 'no' } });
  writer.answered({ request: 0, at: 21, status: 207, allAcknowledged: true });
  if (close) writer.close();
  return writer;
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ChaosError) return error.code;
    throw error;
  }
  return 'no error';
}

test('what was written is read back, in its order', () => {
  writeThree();
  const history = openHistory(file);
  expect(history.header).toEqual({ kind: 'header', version: 1, ...HEADER });
  expect(history).toMatchObject({ torn: false, closed: true });
  const read = [
    { kind: 'sent', request: 0, at: 10, path: '/p', body: { batch: [{ id: 'é-0' }] } },
    { kind: 'sent', request: 1, at: 11, path: '/p', body: { batch: [{ id: 'é-1' }] } },
    { kind: 'sent', request: 2, at: 12, path: '/p', body: { batch: [{ id: 'é-2' }] } },
    { kind: 'answered', request: 1, at: 20, status: 400, body: { message: 'no' } },
    { kind: 'answered', request: 0, at: 21, status: 207, allAcknowledged: true },
    { kind: 'closed', requests: 3 },
  ];
  expect([...history.records()]).toEqual(read);
  expect([...history.records()], 'a second pass').toEqual(read);
});

test('the body is in the file byte for byte as it was given', () => {
  const bodyJson = '{ "batch" :[ ],"n":1.0,"e":"\\u00e9é"}';
  const writer = openHistoryWriter(file, HEADER);
  writer.sent({ at: 1, path: '/p', bodyJson });
  expect(readFileSync(file, 'utf8')).toContain(`"body":${bodyJson}}\n`);
  writer.close();
});

test('a line is in the file when the call returns', () => {
  const writer = openHistoryWriter(file, HEADER);
  expect(openHistory(file).header.run).toBe('run-1');
  writer.sent({ at: 1, path: '/p', bodyJson: '{}' });
  expect([...openHistory(file).records()]).toHaveLength(1);
  writer.close();
});

test('without an end it is not closed, and everything whole is there', () => {
  writeThree({ close: false }).close();
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.lastIndexOf('{"kind":"closed"')));
  const history = openHistory(file);
  expect(history).toMatchObject({ torn: false, closed: false });
  expect([...history.records()]).toHaveLength(5);
});

test('wherever it is cut off, every line before the cut is read and nothing else', () => {
  writeThree();
  const whole = readFileSync(file);
  const firstLine = whole.indexOf('\n') + 1;
  for (let length = firstLine; length < whole.length; length += 1) {
    truncateSync(file, length);
    const kept = whole.subarray(0, length);
    const lines = kept.toString('latin1').split('\n').length - 2;
    const history = openHistory(file);
    expect([...history.records()]).toHaveLength(lines);
    expect(history.torn).toBe(kept.at(-1) !== 10);
    expect(history.closed).toBe(false);
    writeFileSync(file, whole);
  }
});

test('lines longer than the reading chunk are whole', () => {
  const writer = openHistoryWriter(file, HEADER);
  const long = '語'.repeat(900_000);
  for (const at of [0, 1]) writer.sent({ at, path: '/p', bodyJson: JSON.stringify(long) });
  writer.close();
  const bodies = [...openHistory(file).records()].map((record) => record.kind === 'sent' && record.body);
  expect(bodies.slice(0, 2).every((body) => body === long)).toBe(true);
});

test('garbage in the middle is an error that names the line', () => {
  for (const [garbage, why] of [
    ['{"kind":"sent","request":', 'JSON'],
    ['\0\0\0', 'JSON'],
    ['{"kind":"other"}', 'no record'],
    ['{"kind":"sent","request":7,"at":1,"path":"/p","body":{}}', 'request 7 where request 3 was due'],
    ['{"kind":"answered","request":3,"at":1,"status":207}', 'request 3, which was never sent'],
    ['{"kind":"closed","requests":9}', 'it says 9 requests, the file holds 3'],
    ['{"kind":"header","version":1,"run":"r","seed":"s","projectId":"p"}', 'second header'],
  ] as const) {
    rmSync(file, { force: true });
    writeThree({ close: false });
    appendFileSync(file, `${garbage}\n{"kind":"answered","request":2,"at":30,"status":500}\n`);
    const history = openHistory(file);
    expect(() => [...history.records()], garbage).toThrow(/^Line 7 of /);
    expect(() => [...history.records()], garbage).toThrow(why);
  }
});

test('what follows the closing line is an error', () => {
  writeThree();
  appendFileSync(file, '{"kind":"answered","request":2,"at":30,"status":500}\n');
  expect(() => [...openHistory(file).records()]).toThrow(/^Line 8 of .* it follows the closing line/);
});

test('another version, an empty file, another file and a missing file are told apart', () => {
  writeFileSync(file, '{"kind":"header","version":2}\n');
  expect(codeOf(() => openHistory(file))).toBe('E_HISTORY_VERSION');
  writeFileSync(file, '');
  expect(codeOf(() => openHistory(file))).toBe('E_HISTORY_CORRUPT');
  writeFileSync(file, '{"name":"package"}\n');
  expect(codeOf(() => openHistory(file))).toBe('E_HISTORY_CORRUPT');
  expect(codeOf(() => openHistory(join(folder, 'none')))).toBe('E_HISTORY_MISSING');
});

test('an existing file is never written to', () => {
  writeFileSync(file, 'mine');
  expect(codeOf(() => openHistoryWriter(file, HEADER))).toBe('E_HISTORY_WRITE');
  expect(readFileSync(file, 'utf8')).toBe('mine');
});
