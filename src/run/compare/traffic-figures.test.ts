import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { openHistoryWriter } from '../../history/writer.ts';
import type { GeneratedTraffic } from '../../scenario/scenario.ts';
import { openTraffic } from '../../traffic/traffic.ts';
import { RunFolder } from '../run-folder.ts';
import { trafficFigures } from './traffic-figures.ts';

const traffic: GeneratedTraffic = { kind: 'generated', rate: 20, duration: 1, maxBatch: 3, maxBytes: 500 };
const OWN = { path: '/api/public/ingestion', bodyJson: '{"batch":[]}' };

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A run folder with a history of the traffic, of which the request with this number was another. */
function runOf(seed: string, changed?: number): RunFolder {
  const folder = new RunFolder(mkdtempSync(join(tmpdir(), 'langfuse-chaos-')));
  folders.push(folder.path);
  const history = openHistoryWriter(folder.historyFile, { run: 'r', seed, projectId: 'p' });
  const answer = (status?: number) => (request: number) =>
    history.answered({
      request,
      at: 10,
      ...(status === undefined ? { error: { code: 'TIMEOUT', message: '' } } : { status }),
    });
  answer(207)(history.sent({ at: 1, ...OWN }));
  let number = 0;
  for (const { path, body } of openTraffic(traffic, createRandom(seed).fork('traffic')).requests) {
    const request = history.sent({
      at: 2 + number,
      path,
      bodyJson: number === changed ? '{"batch":[1]}' : body,
    });
    if (number === 0) answer(500)(request);
    else if (number === 1) answer()(request);
    else if (number > 2) answer(207)(request);
    number += 1;
  }
  answer(207)(history.sent({ at: 99, ...OWN }));
  history.close();
  return folder;
}

test('the traffic is told from what the harness sent on its own account', () => {
  const figures = trafficFigures(runOf('7'), { seed: '7' }, { traffic });
  expect(figures.planned).toBeGreaterThan(5);
  expect(figures.sent).toBe(figures.planned);
  expect(figures.answers).toEqual({ 500: 1, TIMEOUT: 1, 'in flight': 1, 207: figures.sent - 3 });
  expect(figures.lastSentAt).toBe(1 + figures.sent);
});

test('two runs of one seed have the same fingerprint, and a byte that differs shows', () => {
  const figures = (folder: RunFolder, seed = '7') => trafficFigures(folder, { seed }, { traffic });
  const good = figures(runOf('7'));
  expect(figures(runOf('7')).fingerprint).toBe(good.fingerprint);
  expect(figures(runOf('8'), '8').fingerprint).not.toBe(good.fingerprint);
  const changed = figures(runOf('7', 4));
  expect(changed.fingerprint).not.toBe(good.fingerprint);
  expect(changed.sent).toBe(good.planned - 1);
});
