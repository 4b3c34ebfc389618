import { existsSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyMachine, fakeProgram, recordProgress, writeScript } from '../testing.mjs';
import { packageManager } from './package-manager.mjs';

/** A Debian whose package `thing-tools` brings a file; `known`: its package list has it before the first update. */
function debian({ candidate = '5:2.1.0-1~deb12u10', known = true, uid = 0, sudo = '', install = '' } = {}) {
  const machine = emptyMachine();
  const folder = join(machine.folder, 'staging');
  mkdirSync(folder);
  const file = join(machine.folder, 'thing-check');
  const [log, updated] = ['log', 'updated'].map((name) => join(machine.folder, name));
  writeScript(
    join(machine.bin, 'apt-cache'),
    `if ${known} || [ -f ${updated} ]; then printf 'thing-tools:\\n  Candidate: ${candidate}\\n'; fi`,
  );
  writeScript(
    join(machine.bin, 'apt-get'),
    `echo "apt-get $*" >> ${log}
case "$*" in
*update) : > ${updated};;
*install*) ${install}
  echo '#!/bin/sh' > ${file};;
esac`,
  );
  if (sudo) writeScript(join(machine.bin, 'sudo'), `echo "sudo $*" >> ${log}\n${sudo}`);
  const progress = recordProgress();
  return {
    folder,
    file,
    progress,
    context: { env: machine.env, platform: 'linux', uid, step: progress.step('Thing') },
    program: fakeProgram({ apt: { package: 'thing-tools', file } }),
    log: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  };
}

const actions = (log) => log.map((line) => line.replace(/-o \S+ /g, ''));

describe('Debian', () => {
  test('the package is installed and its file linked under the name of the program', async () => {
    const { program, folder, context, file, log } = debian();
    expect(await packageManager.install(program, folder, context)).toBe('thing-server');
    expect(readlinkSync(join(folder, 'thing-server'))).toBe(file);
    expect(actions(log())).toEqual(['apt-get install -y --no-install-recommends thing-tools']);
  });

  test('a file that is there already is linked without root', async () => {
    const { program, folder, context, file, log } = debian({ uid: 1000 });
    writeScript(file, 'true');
    await packageManager.install(program, folder, context);
    expect(readlinkSync(join(folder, 'thing-server'))).toBe(file);
    expect(log()).toEqual([]);
  });

  test('on a fresh machine the package lists are fetched first', async () => {
    const { program, folder, context, log } = debian({ known: false });
    await packageManager.install(program, folder, context);
    expect(actions(log())).toEqual([
      'apt-get update',
      'apt-get install -y --no-install-recommends thing-tools',
    ]);
  });

  test('when the list is older than the mirror, it is fetched again', async () => {
    const failsOnce = '[ -f $0.tried ] || { : > $0.tried; echo "404 Not Found"; exit 100; }';
    const { program, folder, context, log } = debian({ install: failsOnce });
    await packageManager.install(program, folder, context);
    expect(actions(log()).map((line) => line.split(' ')[1])).toEqual(['install', 'update', 'install']);
  });

  test('a version that does not fit is not installed', async () => {
    const { program, folder, context, log } = debian({ candidate: '5:1.9.16-1ubuntu1' });
    await expect(packageManager.install(program, folder, context)).rejects.toThrow(
      "the system's thing-tools is 1.9.16, needed is 2.0.0 or newer, below 3.0.0",
    );
    expect(log()).toEqual([]);
  });

  test('a user who is not root goes through sudo', async () => {
    const { program, folder, context, log } = debian({ uid: 1000, sudo: 'shift; exec "$@"' });
    // What sudo is tried with; nothing else is on this PATH.
    writeScript(join(context.env.PATH, 'true'), 'exit 0');
    await packageManager.install(program, folder, context);
    expect(actions(log()).some((line) => /^sudo -n .*apt-get install/.test(line))).toBe(true);
  });

  test('without sudo it says the command to run as root', async () => {
    const { program, folder, context } = debian({ uid: 1000 });
    await expect(packageManager.install(program, folder, context)).rejects.toMatchObject({
      message: 'it needs root, and there is no sudo',
      command: "su -c 'apt-get install -y --no-install-recommends thing-tools'",
    });
  });

  test('where sudo would ask and nobody can answer, it says the command', async () => {
    const { program, folder, context } = debian({ uid: 1000, sudo: 'echo "a password is required"; exit 1' });
    await expect(packageManager.install(program, folder, context)).rejects.toMatchObject({
      message: 'it needs root, and sudo asks for a password',
      command: 'sudo apt-get install -y --no-install-recommends thing-tools',
    });
  });

  test('a program that has no package is passed over', async () => {
    const { folder, context } = debian();
    await expect(packageManager.install(fakeProgram(), folder, context)).rejects.toThrow(
      'Debian and Ubuntu have no package of it',
    );
  });
});

describe('macOS', () => {
  test('Homebrew installs, and its program is linked', async () => {
    const machine = emptyMachine();
    const prefix = join(machine.folder, 'opt', 'thing');
    writeScript(join(prefix, 'bin', 'thing-server'), 'true');
    writeScript(
      join(machine.bin, 'brew'),
      `case "$1" in install) [ "$2" = thing ];; --prefix) echo ${prefix};; esac`,
    );
    const folder = join(machine.folder, 'staging');
    mkdirSync(folder);
    await packageManager.install(fakeProgram({ brew: 'thing' }), folder, {
      env: machine.env,
      platform: 'darwin',
    });
    expect(readlinkSync(join(folder, 'thing-server'))).toBe(join(prefix, 'bin', 'thing-server'));
  });
});
