import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROGRAMS } from '../catalogue.mjs';
import { emptyMachine, fakeProgram, recordProgress, releasePage, sha256, writeScript } from '../testing.mjs';
import { releaseDownload } from './release-download.mjs';

const BODY = '#!/bin/sh\necho "thing version 2.1.0"\n';

function contextOf(machine) {
  const folder = join(machine.folder, 'staging');
  mkdirSync(folder);
  const context = { env: machine.env, platform: 'linux', arch: 'x64', step: recordProgress().step('Thing') };
  return { folder, context };
}

const released = (page, file, member) =>
  fakeProgram({
    release: () => ({
      version: '2.1.0',
      command: 'thing-server',
      url: `${page.url}/${file}`,
      checksums: `${page.url}/checksums.txt`,
      ...(member ? { member } : {}),
    }),
  });

test('a bare executable with the right checksum is made executable', async () => {
  const page = await releasePage({ thing: BODY, 'checksums.txt': `${sha256(BODY)}  thing\n` });
  const { folder, context } = contextOf(emptyMachine());
  expect(await releaseDownload.install(released(page, 'thing'), folder, context)).toBe('thing-server');
  expect(readFileSync(join(folder, 'thing-server'), 'utf8')).toBe(BODY);
  expect(statSync(join(folder, 'thing-server')).mode & 0o111).toBe(0o111);
});

test('one executable is taken out of an archive, and nothing else stays', async () => {
  const machine = emptyMachine();
  writeScript(join(machine.folder, 'thing_v2', 'bin', 'thing-server'), 'true');
  writeScript(join(machine.folder, 'thing_v2', 'other'), 'true');
  const archive = join(machine.folder, 'thing.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', machine.folder, 'thing_v2']);
  for (const name of ['tar', 'gzip']) symlinkSync(`/bin/${name}`, join(machine.bin, name));
  const body = readFileSync(archive);
  const page = await releasePage({
    'thing.tar.gz': body,
    'checksums.txt': `${sha256(body)}  thing.tar.gz\n`,
  });
  const { folder, context } = contextOf(machine);
  await releaseDownload.install(released(page, 'thing.tar.gz', 'thing_v2/bin/thing-server'), folder, context);
  expect(readdirSync(folder)).toEqual(['thing-server']);
});

test('a wrong checksum is refused, and both are named', async () => {
  const page = await releasePage({ thing: `${BODY}evil`, 'checksums.txt': `${sha256(BODY)}  thing\n` });
  const { folder, context } = contextOf(emptyMachine());
  await expect(releaseDownload.install(released(page, 'thing'), folder, context)).rejects.toThrow(
    `is not what was released: its SHA-256 is ${sha256(`${BODY}evil`)}, the release says ${sha256(BODY)}`,
  );
  expect(readdirSync(folder)).not.toContain('thing-server');
});

test('without a checksum of that file nothing is downloaded', async () => {
  const page = await releasePage({ thing: BODY, 'checksums.txt': `${sha256(BODY)}  another\n` });
  const { folder, context } = contextOf(emptyMachine());
  await expect(releaseDownload.install(released(page, 'thing'), folder, context)).rejects.toThrow(
    'has no checksum of thing',
  );
  expect(page.asked).toEqual(['checksums.txt']);
});

test('a platform without a release is passed over', async () => {
  const { folder, context } = contextOf(emptyMachine());
  const program = fakeProgram({ release: () => undefined });
  await expect(releaseDownload.install(program, folder, context)).rejects.toThrow(
    'there is no release for linux x64',
  );
});

test.each([
  ['toxiproxy', 'linux', 'x64', 'v2.12.0/toxiproxy-server-linux-amd64'],
  ['toxiproxy', 'darwin', 'arm64', 'v2.12.0/toxiproxy-server-darwin-arm64'],
  ['versitygw', 'linux', 'arm64', 'v1.7.0/versitygw_v1.7.0_Linux_arm64.tar.gz'],
  ['versitygw', 'darwin', 'x64', 'v1.7.0/versitygw_v1.7.0_Darwin_x86_64.tar.gz'],
  ['redis', 'linux', 'x64', 'releases/valkey-9.1.4-jammy-x86_64.tar.gz'],
  ['redis', 'linux', 'arm64', 'releases/valkey-9.1.4-jammy-arm64.tar.gz'],
])('the release of %s for %s %s is %s', (name, platform, arch, end) => {
  const { url, member } = PROGRAMS[name].release(platform, arch);
  expect(url.slice(-end.length - 1)).toBe(`/${end}`);
  if (member) expect(`${member.split('/')[0]}.tar.gz`).toBe(url.split('/').pop());
});

test('there is no release of Redis for macOS', () => {
  expect(PROGRAMS.redis.release('darwin', 'arm64')).toBeUndefined();
});
