/** Sends traffic with a history until it is done or killed: `node sending-child.ts URL HISTORY`. Ends with the error's code on stdout. */
import { ChaosError } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { openHistoryWriter } from '../../src/history/writer.ts';
import { sendTraffic } from '../../src/traffic/open-loop.ts';
import { openTraffic } from '../../src/traffic/traffic.ts';

const [url = '', file = ''] = process.argv.slice(2);
const plan = { kind: 'generated', rate: 4000, duration: 30, maxBatch: 20, maxBytes: 100_000 } as const;
const history = openHistoryWriter(file, { run: 'child', seed: '1', projectId: 'p' });
try {
  const { requests } = openTraffic(plan, createRandom('1'));
  await sendTraffic(requests, { url, publicKey: 'pk-lf-child', secretKey: 'sk-lf-child' }, history);
  console.log('done');
} catch (error) {
  console.log(error instanceof ChaosError ? error.code : error);
} finally {
  history.close();
}
