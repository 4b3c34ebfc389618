import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readCheckout } from './checkout.ts';
import { type FakeCheckoutOptions, makeFakeCheckout } from './testing/fake-checkout.ts';

const made: string[] = [];
const fake = (options?: FakeCheckoutOptions) => {
  const directory = makeFakeCheckout(options);
  made.push(directory);
  return directory;
};
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

const PRISMA = 'node_modules/.pnpm/@prisma+client@6.3.0_x/node_modules/.prisma/client/';

test('a built checkout tells its version, its Node and what starts it', () => {
  const directory = fake({ files: { '.nvmrc': 'v18' } });
  expect(readCheckout(directory)).toMatchObject({
    version: '3.36.0',
    nodeMajor: Number(process.versions.node.split('.')[0]),
    webArgs: [join(directory, 'web/.next/standalone/web/server.js')],
    workerArgs: [join(directory, 'worker/dist/index.js')],
    hasPrismaEngine: false,
  });
});

test('without `engines` the Node is that of .nvmrc', () => {
  const files = { 'package.json': '{"name":"langfuse","version":"4.0.0"}', '.nvmrc': 'v24.6.0' };
  expect(readCheckout(fake({ files }))).toMatchObject({ version: '4.0.0', nodeMajor: 24 });
});

test('a web that was built without its standalone server is started by Next', () => {
  const directory = fake({
    without: ['web/.next/standalone/web/server.js'],
    files: { 'web/.next/BUILD_ID': 'x', 'web/node_modules/next/dist/bin/next': '' },
  });
  expect(readCheckout(directory).webArgs).toEqual([
    join(directory, 'web/node_modules/next/dist/bin/next'),
    'start',
    join(directory, 'web'),
  ]);
});

test("Prisma's engine is seen, its engine in WebAssembly is none", () => {
  expect(
    readCheckout(fake({ files: { [`${PRISMA}libquery_engine-debian-openssl-3.0.x.so.node`]: '' } })),
  ).toMatchObject({ hasPrismaEngine: true });
  expect(readCheckout(fake({ files: { [`${PRISMA}query_compiler_bg.wasm`]: '' } }))).toMatchObject({
    hasPrismaEngine: false,
  });
});

describe('what is missing is said', () => {
  const refusal = (directory: string) => {
    try {
      readCheckout(directory);
    } catch (error) {
      return String(error).replaceAll(directory, '…');
    }
    return 'taken';
  };

  test('all of it at once, with where to read how it is built', () => {
    const text = refusal(
      fake({
        without: [
          'web/.next/standalone/web/server.js',
          'worker/dist/index.js',
          'packages/shared/dist/src/index.js',
          'node_modules/.modules.yaml',
        ],
      }),
    );
    expect(text).toContain('The Langfuse 3.36.0 in … is not complete: the dependencies (node_modules), ');
    expect(text).toContain('the build of packages/shared (packages/shared/dist/src/index.js)');
    expect(text).toContain('the build of the worker (worker/dist/index.js)');
    expect(text).toContain('the build of the web (web/.next/BUILD_ID)');
    expect(text).toContain('…/CONTRIBUTING.md');
    expect(text).toContain('E_CHECKOUT');
  });

  test('one thing alone', () => {
    expect(refusal(fake({ without: ['worker/dist/index.js'] }))).toContain(
      'is not complete: the build of the worker (worker/dist/index.js) is not there.',
    );
  });

  test.each([
    ['another project', '{"name":"other","version":"1.0.0"}'],
    ['no JSON', '<<<<<<< HEAD'],
  ])('a folder with %s', (_, manifest) => {
    expect(refusal(fake({ files: { 'package.json': manifest } }))).toContain('… is no checkout of Langfuse.');
  });

  test('a folder that is not there', () => {
    expect(refusal('/nowhere')).toContain('… is no checkout of Langfuse.');
  });

  test('a version', () => {
    expect(refusal(fake({ files: { 'package.json': '{"name":"langfuse"}' } }))).toContain(
      'does not say its version: "".',
    );
  });
});
