import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTestFolder, setup } from './left-behind.ts';

const MARKER = 'test-process.json';
const ENDED = { startTime: 'of one that had this pid before' };

/** A test folder whose owner is as its maker wrote it, but for what is changed. */
function testFolder(change: object = {}): string {
  const folder = makeTestFolder();
  const marker = join(folder, MARKER);
  writeFileSync(marker, JSON.stringify({ ...JSON.parse(readFileSync(marker, 'utf8')), ...change }));
  return basename(folder);
}

test('only folders of test processes that have ended are removed', async () => {
  const kept = [
    testFolder(),
    testFolder({ ...ENDED, system: 'another machine' }),
    'langfuse-chaos-test-reports',
    'langfuse-chaos-test-999999999-abcdef',
    'langfuse-chaos-test-999999999-broken',
    'langfuse-chaos-test-999999999-a.file',
    'langfuse-chaos-test-999999999-a1link',
  ];
  const [, , reports = '', unmarked = '', broken = '', file = '', link = ''] = kept.map((name) =>
    join(tmpdir(), name),
  );
  mkdirSync(unmarked);
  mkdirSync(broken);
  writeFileSync(join(broken, MARKER), '{');
  writeFileSync(file, '');
  // Named otherwise than a test folder, or a link, whatever is in it.
  const ended = readFileSync(join(tmpdir(), testFolder(ENDED), MARKER));
  mkdirSync(reports);
  writeFileSync(join(reports, MARKER), ended);
  symlinkSync(reports, link);
  testFolder(ENDED);
  await setup();
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith('langfuse-chaos-test-'));
  expect(left.toSorted()).toEqual(kept.toSorted());
});
