import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import type { ReplacementRecord } from '../history/run-record.ts';
import type { StackSpec } from '../stack/spec.ts';
import type { OpenRun } from './phases.ts';
import { doubtOtherVersion, replace } from './replace.ts';

let version: string | undefined = '3.36.0';
const web = createServer((_request, response) => response.end(JSON.stringify({ version })));
beforeAll(() => new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve)));
afterAll(() => web.close());

const docker = (named?: string): StackSpec => ({ kind: 'docker', ...(named ? { version: named } : {}) });

/** A run on a stack of 3.36.0 whose processes can be replaced by 3.225.4. */
function runOf(): { run: OpenRun; doubts: string[]; replaced: ReplacementRecord[] } {
  const doubts: string[] = [];
  const replaced: ReplacementRecord[] = [];
  const { port } = web.address() as AddressInfo;
  const run = {
    log: {
      changed: () => {},
      replaced: (record: ReplacementRecord) => replaced.push(record),
      doubt: (code: string, text: string) => doubts.push(`${code}: ${text}`),
    },
    clock: systemClock,
    signal: new AbortController().signal,
    queue: { depths: () => Promise.reject(new Error('away')) },
    stack: {
      spec: docker('3.36.0'),
      target: { url: `http://127.0.0.1:${port}` },
      replace: async (_process: string, by: string) => docker(by === 'own' ? '3.36.0' : '3.225.4'),
    },
  } as unknown as OpenRun;
  return { run, doubts, replaced };
}

test('after each replacement the web tells its version, which is that of what it was replaced by', async () => {
  const { run, doubts, replaced } = runOf();
  const { signal } = run;
  const carryOut = replace(run, signal);
  await carryOut({ at: 1, replace: 'worker', by: 'other' });
  version = '3.225.4';
  await carryOut({ at: 2, replace: 'web', by: 'other' });
  await carryOut({ at: 3, replace: 'worker', by: 'own' });
  version = 'v3.36.0';
  await carryOut({ at: 4, replace: 'web', by: 'own' });
  expect(replaced.map(({ webVersion }) => webVersion)).toEqual(['3.36.0', '3.225.4', '3.225.4', '3.36.0']);
  expect(doubts).toEqual([]);
});

test('an upgrade that never happened is a doubt', async () => {
  version = '3.36.0';
  const { run, doubts, replaced } = runOf();
  await replace(run, run.signal)({ at: 1, replace: 'web', by: 'other' });
  expect(replaced).toMatchObject([{ target: 'docker:3.225.4', webVersion: '3.36.0' }]);
  expect(doubts).toEqual([
    'other-version: docker:3.225.4 is to be tested, and the web says that it is Langfuse 3.36.0.',
  ]);
});

test('so is a web that does not tell its version', async () => {
  version = undefined;
  const { run, doubts, replaced } = runOf();
  await replace(run, run.signal)({ at: 1, replace: 'web', by: 'own' });
  expect(replaced[0]).not.toHaveProperty('webVersion');
  expect(doubts).toEqual([expect.stringMatching(/^other-version: .* did not tell the version of Langfuse/)]);
});

test('where nothing names a version, each is right', () => {
  const { run, doubts } = runOf();
  for (const spec of [docker(), { kind: 'embedded', pipeline: 'safe' }] as const)
    doubtOtherVersion(run.log, spec, '4.16.0');
  expect(doubts).toEqual([]);
  doubtOtherVersion(run.log, docker('4.16.1'), '4.16.0');
  expect(doubts).toHaveLength(1);
});
