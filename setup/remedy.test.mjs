import { expect, test } from 'vitest';
import { PROGRAMS } from './catalogue.mjs';
import { commandThatHelps } from './remedy.mjs';

const { toxiproxy, redis, versitygw } = PROGRAMS;
const untold = (program) => ({ program, tried: [] });

test('on macOS Homebrew gives what it has', () => {
  const machine = { platform: 'darwin', arch: 'arm64', cache: '/c' };
  expect(commandThatHelps([untold(toxiproxy), untold(redis)], machine)).toContain(
    '\n    brew install toxiproxy redis',
  );
});

test('an archive is unpacked into the folder where set-up looks, quoted for the shell', () => {
  const machine = { platform: 'linux', arch: 'arm64', cache: "/home/o'neil/my cache" };
  expect(commandThatHelps([untold(versitygw)], machine)).toContain(
    `mkdir -p '/home/o'\\''neil/my cache/bin/versitygw-1.7.0' && curl -fL https://github.com/versity/versitygw/releases/download/v1.7.0/versitygw_v1.7.0_Linux_arm64.tar.gz | tar -xz -C '/home/o'\\''neil/my cache/bin/versitygw-1.7.0' --strip-components=1 versitygw_v1.7.0_Linux_arm64/versitygw`,
  );
});

test('what a source said would help it comes first', () => {
  const machine = { platform: 'linux', arch: 'x64', cache: '/c' };
  const missing = {
    program: redis,
    tried: [{ command: undefined }, { command: 'sudo apt-get install redis-tools' }],
  };
  expect(commandThatHelps([missing], machine)).toMatch(/:\n {4}sudo apt-get install redis-tools$/);
});

test('where nothing is known to help, it names the programs', () => {
  const machine = { platform: 'linux', arch: 's390x', cache: '/c' };
  expect(commandThatHelps([untold(toxiproxy), untold(redis)], machine)).toBe(
    'install toxiproxy-server and redis-server on PATH by hand, then run again.',
  );
});
