import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolvePrograms } from './programs.mjs';
import { emptyMachine, fakeProgram, thing, writeScript } from './testing.mjs';

const look = async (env, parts) => {
  const program = fakeProgram(parts);
  return (await resolvePrograms({ env, programs: { thing: program } })).thing;
};

test('a program on PATH whose version fits is taken', async () => {
  const { bin, env } = emptyMachine();
  const path = writeScript(join(bin, 'thing-server'), thing('2.1.0'));
  expect(await look(env)).toEqual({ path, version: '2.1.0', origin: 'PATH' });
});

test('one that is too old is passed over for the one in the cache', async () => {
  const { bin, cache, env } = emptyMachine();
  writeScript(join(bin, 'thing-server'), thing('1.9.9'));
  const path = writeScript(join(cache, 'bin', 'thing-2.1.0', 'thing-server'), thing('2.1.0'));
  expect(await look(env)).toEqual({ path, version: '2.1.0', origin: 'cache' });
});

test('another name of the program will do', async () => {
  const { bin, env } = emptyMachine();
  writeScript(join(bin, 'thing-server'), thing('1.0.0'));
  const path = writeScript(join(bin, 'thong-server'), thing('2.5.0'));
  expect(await look(env, { commands: ['thing-server', 'thong-server'] })).toMatchObject({ path });
});

test('of several in the cache the newest that fits is taken, with the origin noted beside it', async () => {
  const { cache, env } = emptyMachine();
  for (const version of ['2.2.0', '2.10.0', '3.1.0']) {
    writeScript(join(cache, 'bin', `thing-${version}`, 'thing-server'), thing(version));
    writeFileSync(join(cache, 'bin', `thing-${version}`, 'origin'), 'download\n');
  }
  expect(await look(env)).toMatchObject({ version: '2.10.0', origin: 'download' });
});

test('what is not there, does not run or says no version is missing, with each reason', async () => {
  const { bin, cache, env } = emptyMachine();
  mkdirSync(join(bin, 'thing-server'));
  expect(await look(env)).toEqual({
    missing: `PATH: no thing-server; cache: none in ${join(cache, 'bin')}`,
  });
  writeScript(join(bin, 'thong-server'), 'echo "libthing.so: cannot open shared object file" >&2; exit 127');
  const cached = writeScript(join(cache, 'bin', 'thing-2.1.0', 'thing-server'), 'echo hello');
  expect(await look(env, { commands: ['thing-server', 'thong-server'] })).toEqual({
    missing:
      `PATH: ${join(bin, 'thong-server')} does not run: thong-server --version ended with exit code 127: ` +
      `libthing.so: cannot open shared object file; cache: ${cached} does not say its version`,
  });
});

test('the cache lies where the environment says', async () => {
  const { folder, bin } = emptyMachine();
  const place = (cache) => writeScript(join(cache, 'bin', 'thing-2.1.0', 'thing-server'), thing('2.1.0'));
  const home = place(join(folder, '.cache', 'langfuse-chaos'));
  expect(await look({ PATH: bin, HOME: folder })).toMatchObject({ path: home });
  const xdg = place(join(folder, 'xdg', 'langfuse-chaos'));
  expect(await look({ PATH: bin, HOME: folder, XDG_CACHE_HOME: join(folder, 'xdg') })).toMatchObject({
    path: xdg,
  });
});
