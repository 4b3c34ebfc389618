import { expect, test } from 'vitest';
import { linesOf, withoutFrames } from './logs.ts';

const frame = (stream: number, text: string) => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

test('the frames of both streams are taken off, whatever they hold', () => {
  const raw = Buffer.concat([frame(1, 'one\n'), frame(2, 'zwölf\n'), frame(1, ''), frame(1, 'three')]);
  expect(withoutFrames(raw).toString()).toBe('one\nzwölf\nthree');
  expect(withoutFrames(Buffer.alloc(0)).length).toBe(0);
});

test('the last lines, and only those that begin after so many bytes', () => {
  const log = Buffer.from('one\ntwo\n\nthree\n');
  expect(linesOf(log, 2)).toEqual(['two', 'three']);
  expect(linesOf(log, 10, 4)).toEqual(['two', 'three']);
  // In the middle of "two".
  expect(linesOf(log, 10, 5)).toEqual(['three']);
  expect(linesOf(log, 10, log.length)).toEqual([]);
});

test('a log that is shorter than what was left out is another one, and is read whole', () => {
  expect(linesOf(Buffer.from('anew\n'), 10, 1000)).toEqual(['anew']);
});
