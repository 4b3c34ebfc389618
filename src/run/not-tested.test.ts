import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../history/run-record.ts';
import { exampleRecord } from '../report/example-record.ts';
import type { TimelineStep } from '../scenario/scenario.ts';
import { notTested } from './not-tested.ts';

const EMPTY = { faults: [], probes: [], recovery: [], traffic: { startedAt: 100, endedAt: 200 } };

function texts(timeline: readonly TimelineStep[], record: Partial<RunRecord> = {}): string[] {
  return notTested({ ...exampleRecord('pass'), ...EMPTY, ...record }, timeline).map(
    ({ code, text }) => `${code}: ${text}`,
  );
}

test('a fault or a probe without a record was not put to the test', () => {
  const fault = { name: 'refused', on: 'worker→clickhouse' };
  expect(texts([])).toEqual([]);
  expect(texts([{ at: 1, for: 1, fault }])).toEqual(['not-recorded: Only 0 of 1 faults were injected.']);
  expect(texts([{ at: 1, probe: 'x' }])).toEqual(['not-recorded: These probes were not made: x.']);
  expect(texts([{ at: 1, timeout: 1, inTurn: [{ fault, probe: 'x' }] }])).toEqual([
    'not-recorded: Only 0 of 1 faults were injected.',
    'not-recorded: These probes were not made: x.',
  ]);
});

const retry = { step: 'retry failed jobs', endedAt: 160, done: 1, skipped: [] } as const;

test('a recovery step of the timeline without a record was not, whatever was recovered after the traffic', () => {
  const steps: TimelineStep[] = [{ at: 1, recover: 'retry failed jobs' }];
  const missing = [
    'not-recorded: These recovery steps of the timeline were not carried out: retry failed jobs.',
  ];
  expect(texts(steps)).toEqual(missing);
  expect(texts(steps, { recovery: [{ ...retry, startedAt: 250 }] })).toEqual(missing);
  expect(texts(steps, { recovery: [{ ...retry, startedAt: 150 }] })).toEqual([]);
  expect(texts([...steps, ...steps], { recovery: [{ ...retry, startedAt: 150 }] })).toEqual(missing);

  const step = 'guide: count the failed jobs';
  const guided = { step, at: 150, asWritten: 'x', did: 'y', right: 'z' };
  expect(texts([{ at: 1, recover: step }], { recovery: [{ ...retry, startedAt: 150 }] })).toHaveLength(1);
  expect(texts([{ at: 1, recover: step }], { runbook: [guided] })).toEqual([]);
});

const burst = { name: 'burst', at: 150, acknowledged: 0, refused: 0 };

test('odd traffic that was not sent, or never answered, put nothing to the test', () => {
  const steps: TimelineStep[] = [{ at: 1, send: { name: 'burst' } }];
  expect(texts(steps)).toEqual(['not-recorded: This odd traffic was not sent: burst.']);
  expect(texts(steps, { oddTraffic: [burst] })).toEqual([
    'nothing-happened: Of the odd traffic “burst” no event was acknowledged or refused.',
  ]);
  expect(texts(steps, { oddTraffic: [{ ...burst, acknowledged: 1 }] })).toEqual([]);
  expect(texts(steps, { oddTraffic: [{ ...burst, refused: 1 }] })).toEqual([]);
});

test('a replacement without a record was not carried out', () => {
  const steps: TimelineStep[] = [
    { at: 1, replace: 'worker', by: 'other' },
    { at: 2, replace: 'worker', by: 'own' },
  ];
  const done = { process: 'worker', target: 'x', at: 1, answeredAt: 2 } as const;
  expect(texts(steps, { replacements: [{ ...done, by: 'other' }] })).toEqual([
    'not-recorded: These replacements were not carried out: worker by own.',
  ]);
  const both = [
    { ...done, by: 'other' },
    { ...done, by: 'own' },
  ] as const;
  expect(texts(steps, { replacements: [...both] })).toEqual([]);
});

describe('a replacement that is to meet jobs', () => {
  const steps: TimelineStep[] = [
    { at: 9, replace: 'worker', by: 'other' },
    { at: 1, replace: 'worker', by: 'other', meets: ['waiting', 'failed'] },
  ];
  const none = { waiting: 0, active: 0, delayed: 0, failed: 0 };
  const met = (queue?: typeof none) => {
    const done = { process: 'worker', by: 'other', target: 'x', at: 1, answeredAt: 2 } as const;
    return texts(steps, { replacements: [queue ? { ...done, queue } : done, { ...done, queue: none }] });
  };
  const unmet = (what: string) => [
    `nothing-happened: When worker was replaced by other, ${what} in the ingestion queue: it was not put to the test.`,
  ];

  test('is put to the test where they were there', () => {
    expect(met({ ...none, delayed: 1, failed: 1 })).toEqual([]);
    expect(met({ ...none, waiting: 1, failed: 1 })).toEqual([]);
  });

  test('is not where one kind was not, or the queue could not be read', () => {
    expect(met({ ...none, active: 5, failed: 1 })).toEqual(unmet('no job was waiting or delayed'));
    expect(met({ ...none, waiting: 5 })).toEqual(unmet('no job had failed'));
    expect(met()).toEqual([
      'nothing-happened: When worker was replaced by other, the ingestion queue could not be read: nobody knows whether it was put to the test.',
    ]);
  });
});
