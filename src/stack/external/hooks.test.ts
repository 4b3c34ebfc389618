import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { identify } from '../processes.ts';
import { hookControl } from './hooks.ts';
import type { Hooks } from './schema.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hooks-'));
  file = join(folder, 'state');
  writeFileSync(file, 'running');
});
afterEach(() => rmSync(folder, { recursive: true }));

const noted: string[] = [];
beforeEach(() => void noted.splice(0));
const control = (hooks: Partial<Hooks>) =>
  hookControl(
    'worker',
    { state: `cat ${file}`, healthy: `grep -q running ${file}`, ...hooks },
    {
      begins: (wanted) => void noted.push(`begins: ${wanted}`),
      runs: (_wanted, { pid }) => void noted.push(identify(pid) ? 'runs' : 'has ended'),
      ends: () => void noted.push('ends'),
    },
    ['hush'],
  );

test('a command acts, and the state says when it is so', async () => {
  const worker = control({ kill: `echo exited > ${file}`, start: `echo running > ${file}` });
  expect(await worker.state()).toBe('running');
  await worker.kill();
  expect(await worker.state()).toBe('exited');
  expect(await worker.answers()).toBe(false);
  await worker.start();
  expect(await worker.answers()).toBe(true);
  // A command as short as these may have ended before anybody looks at its process.
  const ofChanges = noted.filter((each) => each !== 'runs' && each !== 'has ended');
  expect(ofChanges).toEqual(['begins: exited', 'ends', 'begins: running', 'ends']);
});

test('the command that changes something is noted while it runs', async () => {
  const go = join(folder, 'go');
  const killed = control({
    kill: `while ! test -e ${go}; do sleep 0.02; done; echo exited > ${file}`,
  }).kill();
  await vi.waitFor(() => expect(noted).toEqual(['begins: exited', 'runs']));
  writeFileSync(go, '');
  await killed;
  expect(noted.at(-1)).toBe('ends');
});

test('the grace is told to the command that stops', async () => {
  const worker = control({
    stop: `echo $LANGFUSE_CHAOS_GRACE_SECONDS > ${folder}/grace; echo exited > ${file}`,
  });
  await worker.stop(2500);
  expect(readFileSync(join(folder, 'grace'), 'utf8').trim()).toBe('2.5');
});

test('a command that is not there, fails or has no effect says so', async () => {
  await expect(control({}).kill()).rejects.toThrow('hooks.worker.kill is not in its file');
  await expect(control({ kill: 'echo hush; exit 3' }).kill()).rejects.toThrow(
    /hooks\.worker\.kill ended with code 3\.[\s\S]*\[secret\]/,
  );
  await expect(control({ kill: 'true', timeout: 300 }).kill()).rejects.toThrow(
    /worker to be exited.*it is running/,
  );
  expect(noted.at(-1)).toBe('ends');
});

test('what `state` printed is quoted, cut and without secrets, beside the words that it may print', async () => {
  const said = 'which is none of the words running, paused, exited';
  const ofState = (state: string) => control({ state }).state();
  await expect(ofState('echo Running')).rejects.toThrow(`hooks.worker.state printed "Running", ${said}.`);
  await expect(ofState('echo; echo hush')).rejects.toThrow(`printed "[secret]", ${said}`);
  await expect(ofState('true')).rejects.toThrow(`printed nothing, ${said}`);
  await expect(ofState('printf "%0500d" 0')).rejects.toThrow(`printed "${'0'.repeat(80)}…", ${said}`);
});

test('one that hangs is ended with all that it has started', async () => {
  const worker = control({ kill: `sleep 60 & echo $! > ${folder}/pid; wait`, timeout: 300 });
  await expect(worker.kill()).rejects.toThrow('took longer than 0.3 s');
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  await vi.waitFor(() => expect(identify(pid)).toBeUndefined());
});
