import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createState, makerOf } from '../state.ts';
import { readState, type StackState, updateComponent, updateState } from './state.ts';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-test-'));
  folder = join(root, '0123456789');
});
afterEach(() => rmSync(root, { recursive: true }));

/** What of a state these tests look at. */
const state = {
  version: 2,
  id: '0123456789',
  spec: { kind: 'embedded', pipeline: 'v3.36.0' },
  owner: { pid: 1, startTime: '1' },
  detached: false,
  components: {},
  versions: {},
} as StackState;

const record = { launch: { command: 'redis-server', args: [], env: {} }, logFile: 'redis.log' };

test('a folder appears with its state in it, and nothing half-made beside it', () => {
  createState(folder, state);
  expect(readState(folder)).toEqual(state);
  expect(readdirSync(root)).toEqual(['0123456789']);
});

test('the state holds secrets: only its owner may read it', () => {
  createState(folder, state);
  updateState(folder, () => ({ detached: true }));
  expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600);
});

test('changes add up', () => {
  createState(folder, state);
  updateComponent(folder, 'redis', record);
  updateComponent(folder, 's3', record);
  updateComponent(folder, 'redis', { ...record, process: { pid: 7, startTime: '8' } });
  expect(readState(folder).components).toEqual({
    redis: { ...record, process: { pid: 7, startTime: '8' } },
    s3: record,
  });
});

test('no state, or one of another version, is an error that names the folder', () => {
  expect(() => readState(folder)).toThrow(`${folder} holds no stack`);
  mkdirSync(folder);
  expect(() => readState(folder)).toThrow(expect.objectContaining({ code: 'E_STACK_STATE' }));
});

test('an unfinished folder tells who was making it', () => {
  expect(makerOf('.new-4711-0123456789')).toBe(4711);
  expect(makerOf('0123456789')).toBeUndefined();
});
