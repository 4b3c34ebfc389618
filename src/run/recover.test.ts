import { expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { exampleRecord } from '../report/example-record.ts';
import type { OpenRun } from './phases.ts';
import { recover, recoverInTheEnd } from './recover.ts';

/** Of a target whose web is gone; the rest of it must not be asked. */
function runOf(more: Partial<OpenRun> = {}): { run: OpenRun; doubts: string[] } {
  const doubts: string[] = [];
  const replacements = [{ process: 'web', by: 'other', target: 'x', at: 1, answeredAt: 2 }] as const;
  const run = {
    log: {
      run: { ...exampleRecord('pass'), replacements: [...replacements] },
      doubt: (code: string, text: string) => doubts.push(`${code}: ${text}`),
    },
    clock: systemClock,
    signal: new AbortController().signal,
    view: { note: () => {} },
    stack: { target: { url: 'http://127.0.0.1:1', projectId: 'p' }, access: {} },
    ...more,
  } as unknown as OpenRun;
  return { run, doubts };
}

test('a target that can not be looked at again after a replacement stops the replay, and is a doubt', async () => {
  const { run, doubts } = runOf();
  const record = await recoverInTheEnd(run, 'replay from S3');
  expect(record).toMatchObject({ step: 'replay from S3', done: 0 });
  expect(record.skipped).toEqual([{ reason: expect.stringMatching(/^stopped: .*did not tell/), count: 0 }]);
  expect(doubts).toEqual([
    expect.stringMatching(/^recovery-stopped: The step "replay from S3" stopped: .*did not tell the version/),
  ]);
});

test('in the middle of the traffic it stops as well', async () => {
  const { run, doubts } = runOf();
  expect((await recover(run, 'replay from S3')).skipped).toHaveLength(1);
  expect(doubts).toEqual([]);
});

test('an interrupt is none', async () => {
  const reason = new Error('Ctrl-C');
  const { run, doubts } = runOf({ signal: AbortSignal.abort(reason) });
  await expect(recover(run, 'replay from S3')).rejects.toBe(reason);
  expect(doubts).toEqual([]);
});
