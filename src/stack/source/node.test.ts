import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nodeFor } from './node.ts';

const folder = mkdtempSync(join(tmpdir(), 'nodes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that says that it is such a Node. */
function node(path: string, version: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho v${version}\n`);
  chmodSync(file, 0o755);
  return file;
}

const ownMajor = Number(process.versions.node.split('.')[0]);
const checkout = (nodeMajor: number | undefined) => ({
  nodeMajor,
  version: '3.36.0',
  directory: '/langfuse',
});
const env = { PATH: join(folder, 'bin'), NVM_DIR: join(folder, 'nvm') };

const onPath = node('bin/node', '18.20.0');
node('nvm/versions/node/v20.9.0/bin/node', '20.9.0');
const newest20 = node('nvm/versions/node/v20.20.2/bin/node', '20.20.2');

test('our own, where the checkout runs on it or does not say', () => {
  for (const major of [ownMajor, undefined])
    expect(nodeFor(checkout(major), env)).toEqual({ path: process.execPath, version: process.versions.node });
});

test('one of PATH, else the newest of nvm', () => {
  expect(nodeFor(checkout(18), env)).toEqual({ path: onPath, version: '18.20.0' });
  expect(nodeFor(checkout(20), env)).toEqual({ path: newest20, version: '20.20.2' });
});

test('that of LANGFUSE_NODE, whatever the checkout says', () => {
  expect(nodeFor(checkout(20), { ...env, LANGFUSE_NODE: onPath })).toEqual({
    path: onPath,
    version: '18.20.0',
  });
  expect(() => nodeFor(checkout(20), { ...env, LANGFUSE_NODE: '/nowhere/node' })).toThrow(
    'LANGFUSE_NODE names /nowhere/node, which is no Node that runs.',
  );
});

test('none: what is needed and what was found', () => {
  expect(() => nodeFor(checkout(22), env)).toThrow(
    `The Langfuse 3.36.0 in /langfuse runs on Node 22, of which none was found.\n  expected: Node 22; found were ${process.versions.node} (${process.execPath}), 18.20.0 (${onPath})`,
  );
});
