import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { processStart } from './process-identity.mjs';
import { SOURCES, setUpPrograms } from './set-up.mjs';
import {
  emptyMachine,
  fakeProgram,
  recordProgress,
  releasePage,
  sha256,
  thing,
  writeScript,
} from './testing.mjs';

const BODY = `#!/bin/sh\n${thing('2.1.0')}\n`;

const GO = {
  package: 'example.org/thing/cmd/server',
  module: 'example.org/thing',
  version: '2.1.0',
  ldflags: '',
  builds: 'server',
};

/** A Go that builds a program which says that version. */
const fakeGo = (machine, version = '2.1.0', before = '') =>
  writeScript(
    join(machine.bin, 'go'),
    `case "$1" in
env) echo go1.26.8;;
install) ${before}
  printf '#!/bin/sh\\n${thing(version)}\\n' > "$GOBIN/server"; /bin/chmod +x "$GOBIN/server";;
esac`,
  );

async function releasedThing({ body = BODY, checksumOf = BODY } = {}) {
  const page = await releasePage({ thing: body, 'checksums.txt': `${sha256(checksumOf)}  thing\n` });
  const release = () => ({
    version: '2.1.0',
    command: 'thing-server',
    url: `${page.url}/thing`,
    checksums: `${page.url}/checksums.txt`,
  });
  return { page, release };
}

function setUp(machine, program, options = {}) {
  const progress = recordProgress();
  const promise = setUpPrograms({
    progress,
    env: machine.env,
    programs: { thing: program },
    platform: 'linux',
    arch: 'x64',
    uid: 1000,
    patience: { answerMs: 200, stallMs: 200 },
    ...options,
  });
  return Object.assign(promise, { progress });
}

const cached = (machine, name = 'thing-2.1.0') => join(machine.cache, 'bin', name, 'thing-server');
const origin = (machine) => readFileSync(join(machine.cache, 'bin', 'thing-2.1.0', 'origin'), 'utf8').trim();

test('the order of the sources is go install, download, package manager', () => {
  expect(SOURCES.map(({ name }) => name)).toEqual(['go install', 'download', 'package manager']);
});

test('what is there already is left alone: no source is asked, no cache made', async () => {
  const machine = emptyMachine();
  writeScript(join(machine.bin, 'thing-server'), thing('2.1.0'));
  const { page, release } = await releasedThing();
  await setUp(machine, fakeProgram({ release }));
  expect(page.asked).toEqual([]);
  expect(existsSync(machine.cache)).toBe(false);
});

test('go install comes before the download', async () => {
  const machine = emptyMachine();
  fakeGo(machine);
  const { page, release } = await releasedThing();
  await setUp(machine, fakeProgram({ go: GO, release }));
  expect(origin(machine)).toBe('go install');
  expect(page.asked).toEqual([]);
});

test('without Go it is downloaded, and a second set-up asks nobody', async () => {
  const machine = emptyMachine();
  const { page, release } = await releasedThing();
  await setUp(machine, fakeProgram({ go: GO, release }));
  expect(origin(machine)).toBe('download');
  expect(page.asked).toEqual(['checksums.txt', 'thing']);
  await setUp(machine, fakeProgram({ go: GO, release }));
  expect(page.asked).toHaveLength(2);
  expect(readdirSync(join(machine.cache, 'tmp'))).toEqual([]);
});

test('a download that is not what was released is passed over for the package manager', async () => {
  const machine = emptyMachine();
  const { release } = await releasedThing({ body: `${BODY}evil` });
  const file = writeScript(join(machine.folder, 'thing-check'), thing('2.4.0'));
  await setUp(machine, fakeProgram({ release, apt: { package: 'thing-tools', file } }));
  expect(existsSync(cached(machine, 'thing-2.4.0'))).toBe(true);
  expect(existsSync(cached(machine))).toBe(false);
});

test('what a source gives is run before it is taken: a wrong version is passed over', async () => {
  const machine = emptyMachine();
  fakeGo(machine, '1.0.0');
  const { release } = await releasedThing();
  await setUp(machine, fakeProgram({ go: GO, release }));
  expect(origin(machine)).toBe('download');
});

test('a broken program in the cache is replaced', async () => {
  const machine = emptyMachine();
  writeScript(cached(machine), 'exit 1');
  const { release } = await releasedThing();
  await setUp(machine, fakeProgram({ release }));
  expect(readFileSync(cached(machine), 'utf8')).toBe(BODY);
});

test('if none works, one error lists what was tried, why each failed, and the command that helps', async () => {
  const machine = emptyMachine();
  writeScript(join(machine.bin, 'thing-server'), thing('1.9.0'));
  const { page, release } = await releasedThing({ body: `${BODY}evil` });
  await expect(setUp(machine, fakeProgram({ go: GO, release }))).rejects.toThrow(
    [
      'Set-up could not get Thing 2.0.0 or newer, below 3.0.0.',
      '  tried for Thing:',
      `    PATH: ${join(machine.bin, 'thing-server')} is 1.9.0, needed is 2.0.0 or newer, below 3.0.0`,
      `    cache: none in ${join(machine.cache, 'bin')}`,
      '    go install: Go is not on PATH',
      `    download: ${page.url}/thing is not what was released: its SHA-256 is ${sha256(`${BODY}evil`)}, the release says ${sha256(BODY)}`,
      '    package manager: Debian and Ubuntu have no package of it',
      '  next: where the network lets you, run this, then run again:',
      `    mkdir -p ${machine.cache}/bin/thing-2.1.0 && curl -fL ${page.url}/thing -o ${cached(machine)} && chmod +x ${cached(machine)}`,
      '  (E_SETUP_PROGRAMS, see docs/errors.md#e_setup_programs)',
    ].join('\n'),
  );
});

test('a folder that cannot be written is an error that says how to choose another', async () => {
  const machine = emptyMachine();
  writeFileSync(machine.cache, 'a file where the folder should be');
  await expect(setUp(machine, fakeProgram())).rejects.toThrow(/cannot be written.*\n.*LANGFUSE_CHAOS_CACHE/);
});

test('two at once do the work once', async () => {
  const machine = emptyMachine();
  const { page, release } = await releasedThing();
  const program = fakeProgram({ release });
  await Promise.all([setUp(machine, program), setUp(machine, program)]);
  expect(page.asked).toEqual(['checksums.txt', 'thing']);
});

test('an interruption ends what was started and leaves nothing half done', async () => {
  const machine = emptyMachine();
  const started = join(machine.folder, 'started');
  fakeGo(machine, '2.1.0', `echo $$ > ${started}; /bin/sleep 60`);
  const interruption = new AbortController();
  const running = setUp(machine, fakeProgram({ go: GO }), { signal: interruption.signal });
  const ended = expect(running).rejects.toThrow('interrupted');
  const pid = await vi.waitFor(() => Number(readFileSync(started, 'utf8').trim() || Number.NaN), 5_000);
  interruption.abort(new Error('interrupted'));
  await ended;
  expect(processStart(pid)).toBeUndefined();
  expect(readdirSync(machine.cache).sort()).toEqual(['bin', 'tmp']);
  expect(readdirSync(join(machine.cache, 'tmp'))).toEqual([]);
});

test('after kill -9 the next set-up ends what was left, and goes on', async () => {
  const machine = emptyMachine();
  const started = join(machine.folder, 'started');
  fakeGo(machine, '2.1.0', `echo $$ > ${started}; /bin/sleep 60`);
  const script = `import { setUpPrograms } from ${JSON.stringify(new URL('set-up.mjs', import.meta.url).href)};
    import { createProgress } from ${JSON.stringify(new URL('progress.mjs', import.meta.url).href)};
    const program = { ...${JSON.stringify(fakeProgram({ go: GO }))}, version: /version (\\d+\\.\\d+\\.\\d+)/ };
    await setUpPrograms({ progress: createProgress(), programs: { thing: program }, env: ${JSON.stringify(machine.env)} });`;
  const killed = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
  onTestFinished(() => killed.kill('SIGKILL'));
  const pid = await vi.waitFor(() => Number(readFileSync(started, 'utf8').trim() || Number.NaN), 10_000);
  const gone = new Promise((resolve) => killed.on('exit', resolve));
  killed.kill('SIGKILL');
  await gone;
  expect(processStart(pid)).toBeDefined();
  expect(readdirSync(machine.cache)).toContain('programs.lock');

  fakeGo(machine);
  await setUp(machine, fakeProgram({ go: GO }));
  expect(origin(machine)).toBe('go install');
  expect(processStart(pid)).toBeUndefined();
  expect(readdirSync(join(machine.cache, 'tmp'))).toEqual([]);
});
