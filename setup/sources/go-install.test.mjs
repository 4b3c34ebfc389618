import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyMachine, fakeProgram, recordProgress, writeScript } from '../testing.mjs';
import { goInstall } from './go-install.mjs';

const program = fakeProgram({
  go: {
    package: 'example.org/thing/cmd/server',
    module: 'example.org/thing',
    version: '2.1.0',
    ldflags: '-X main.Version=2.1.0',
    builds: 'server',
  },
});

function machineWithGo(go) {
  const machine = emptyMachine();
  const folder = join(machine.folder, 'staging');
  mkdirSync(folder);
  const log = join(machine.folder, 'log');
  if (go) {
    writeScript(
      join(machine.bin, 'go'),
      `echo "$* GOBIN=$GOBIN GOOS=$GOOS CGO_ENABLED=$CGO_ENABLED" >> ${log}\ncase "$1" in\n${go}\nesac`,
    );
  }
  const progress = recordProgress();
  const context = { env: { ...machine.env, GOOS: 'plan9' }, step: progress.step('Thing') };
  return { folder, context, progress, log: () => readFileSync(log, 'utf8').split('\n') };
}

const GOOD = `env) echo go1.26.8;;
list) echo "$3";;
install) echo "go: downloading example.org/thing v2.1.0" >&2; echo fmt >&2; echo net >&2; echo built > "$GOBIN/server";;`;

test('the pinned version is built for this machine and named as the program is', async () => {
  const { folder, context, progress, log } = machineWithGo(GOOD);
  expect(await goInstall.install(program, folder, context)).toBe('thing-server');
  expect(readFileSync(join(folder, 'thing-server'), 'utf8')).toBe('built\n');
  expect(log()[2]).toBe(
    `install -v -trimpath -ldflags -X main.Version=2.1.0 example.org/thing/cmd/server@v2.1.0 GOBIN=${folder} GOOS= CGO_ENABLED=0`,
  );
  expect(progress.lines).toEqual([
    'Thing, fetching modules',
    'Thing, 1 packages built',
    'Thing, 2 packages built',
  ]);
});

test('without Go it is passed over', async () => {
  const { folder, context } = machineWithGo(undefined);
  await expect(goInstall.install(program, folder, context)).rejects.toThrow('Go is not on PATH');
});

test('a program that is not written in Go is passed over', async () => {
  const { folder, context } = machineWithGo(GOOD);
  await expect(goInstall.install(fakeProgram(), folder, context)).rejects.toThrow('it is not a Go program');
});

test('a Go that cannot fetch a newer Go is passed over without asking the network', async () => {
  const { folder, context, log } = machineWithGo(GOOD.replace('go1.26.8', 'go1.19.8'));
  await expect(goInstall.install(program, folder, context)).rejects.toThrow(
    'Go 1.19.8 is too old, needed is 1.21 or newer',
  );
  expect(log().filter((line) => /^(list|install)/.test(line))).toEqual([]);
});

test('when the module cannot be reached, nothing is built', async () => {
  const { folder, context, log } = machineWithGo(
    GOOD.replace('echo "$3"', 'echo "go: example.org/thing@v2.1.0: dial tcp: no such host" >&2; exit 1'),
  );
  await expect(goInstall.install(program, folder, context)).rejects.toMatchObject({
    summary: 'go list -m ended with exit code 1: go: example.org/thing@v2.1.0: dial tcp: no such host',
  });
  expect(log().filter((line) => line.startsWith('install'))).toEqual([]);
});
