import { createHash } from 'node:crypto';
import { createRandom } from '../../base/random.ts';
import { openHistory } from '../../history/reader.ts';
import type { RunRecord } from '../../history/run-record.ts';
import type { TrafficFigures } from '../../report/compare/figures.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { openTraffic } from '../../traffic/traffic.ts';
import type { RunFolder } from '../run-folder.ts';

/**
 * What a run's history says of its traffic. Which of the requests are the traffic's, and not the harness's own to see
 * whether the target works, is told by their bodies: the traffic is made once more from the run's seed.
 *
 * @throws ChaosError `E_HISTORY_…` when the history can't be read, `E_RECORDING_…` when the traffic's recording can't
 */
export function trafficFigures(
  folder: RunFolder,
  { seed }: Pick<RunRecord, 'seed'>,
  { traffic }: Pick<Scenario, 'traffic'>,
): TrafficFigures {
  const unsent = new Map<string, number>();
  let planned = 0;
  for (const { path, body } of openTraffic(traffic, createRandom(seed).fork('traffic')).requests) {
    const key = keyOf(path, JSON.parse(body));
    unsent.set(key, (unsent.get(key) ?? 0) + 1);
    planned += 1;
  }
  const keys: string[] = [];
  const answers: Record<string, number> = {};
  const pending = new Set<number>();
  let lastSentAt: number | undefined;
  const count = (answer: string) => {
    answers[answer] = (answers[answer] ?? 0) + 1;
  };
  for (const record of openHistory(folder.historyFile).records()) {
    if (record.kind === 'sent') {
      const key = keyOf(record.path, record.body);
      const left = unsent.get(key) ?? 0;
      if (left === 0) continue;
      unsent.set(key, left - 1);
      keys.push(key);
      pending.add(record.request);
      lastSentAt = record.at;
    } else if (record.kind === 'answered' && pending.delete(record.request)) {
      count(record.status === undefined ? (record.error?.code ?? 'no answer') : String(record.status));
    }
  }
  for (const _ of pending) count('in flight');
  return {
    fingerprint: createHash('sha256').update(keys.toSorted().join('\n')).digest('hex'),
    sent: keys.length,
    planned,
    answers,
    ...(lastSentAt === undefined ? {} : { lastSentAt }),
  };
}

/** The history holds a body parsed, so both are brought to the same text. */
function keyOf(path: string, body: unknown): string {
  return createHash('sha256')
    .update(`${path}\n${JSON.stringify(body)}`)
    .digest('base64');
}
