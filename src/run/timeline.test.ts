import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import type { FaultRecord } from '../history/run-record.ts';
import type { InTurnStep } from '../scenario/scenario.ts';
import type { Stack } from '../stack/stack.ts';
import { runTimeline, type TimelineOptions } from './timeline.ts';

/** A clock that jumps ahead instead of sleeping, and gives up the way a real one does when aborted. */
function jumpingClock(): Clock {
  let time = 0;
  return {
    now: () => time,
    sleep: async (ms, signal) => {
      await new Promise(setImmediate);
      signal?.throwIfAborted();
      time += ms;
    },
  };
}

/** A worker that can be killed, and whose death shows after a number of looks. */
function stackWith(steps: string[], looksUntilGone = 0): Stack {
  let running = true;
  let looks = 0;
  const worker = {
    logSize: async () => 0,
    kill: async () => {
      steps.push('kill');
      running = false;
      looks = 0;
    },
    start: async () => {
      steps.push('start');
      running = true;
    },
    answers: async () => running,
    state: async () => (running || looks++ < looksUntilGone ? 'running' : 'exited'),
  };
  return { component: () => worker } as unknown as Stack;
}

const killed = { name: 'killed', on: 'worker' };
const inTurn = (...labels: string[]): InTurnStep => ({
  at: 0,
  timeout: 2,
  inTurn: labels.map((probe) => ({ fault: killed, probe })),
});

function options(steps: string[], stack: Stack, more: Partial<TimelineOptions> = {}): TimelineOptions {
  return {
    stack,
    journal: { injecting: () => 0, undone: () => undefined, takenOver: () => false },
    doubt: (code) => void steps.push(code),
    clock: jumpingClock(),
    signal: new AbortController().signal,
    onFault: () => undefined,
    probe: async () => undefined,
    send: async () => undefined,
    recover: async () => undefined,
    replace: async () => undefined,
    probeUnder: async ({ probe }, _record, timeoutMs) => {
      steps.push(`ask ${probe} within ${timeoutMs}`);
      return {
        askAgain: async () => void steps.push(`ask ${probe} again`),
        untilWell: async () => void steps.push(`${probe} well`),
      };
    },
    ...more,
  };
}

test('faults in turn: each is on until it was asked under, and the next begins when all is well again', async () => {
  const steps: string[] = [];
  const records = new Set<FaultRecord>();
  const stack = stackWith(steps);
  const onFault = (record: FaultRecord) => void records.add(record);
  await runTimeline([inTurn('a', 'b')], options(steps, stack, { onFault }));
  expect(steps).toEqual([
    'kill',
    'ask a within 2000',
    'start',
    'a well',
    'kill',
    'ask b within 2000',
    'start',
    'b well',
  ]);
  expect([...records].every(({ feltAt, healedAt }) => feltAt !== undefined && healedAt !== undefined)).toBe(
    true,
  );
});

test('one that was not felt yet is asked under again; one that never is goes on after a while', async () => {
  const steps: string[] = [];
  await runTimeline([inTurn('a')], options(steps, stackWith(steps, 10)));
  expect(steps.filter((step) => step === 'ask a again').length).toBeGreaterThan(0);
  const never: string[] = [];
  const records: FaultRecord[] = [];
  await runTimeline(
    [inTurn('a')],
    options(never, stackWith(never, Number.POSITIVE_INFINITY), { onFault: (record) => records.push(record) }),
  );
  expect(records.at(-1)?.feltAt).toBeUndefined();
  expect(never.at(-1)).toBe('a well');
});

test('whatever goes wrong with the asking, the fault is undone', async () => {
  const steps: string[] = [];
  const probeUnder = async () => {
    throw new Error('no answer to be had');
  };
  const run = runTimeline([inTurn('a', 'b')], options(steps, stackWith(steps), { probeUnder }));
  await expect(run).rejects.toThrow('no answer to be had');
  expect(steps).toEqual(['kill', 'start']);
});

/** A worker that takes seconds to kill. */
function slowStack(steps: string[], clock: Clock, seconds: number): Stack {
  let running = true;
  const worker = {
    logSize: async () => 0,
    kill: async () => {
      await clock.sleep(seconds * 1000);
      steps.push('kill');
      running = false;
    },
    start: async () => {
      steps.push('start');
      running = true;
    },
    answers: async () => running,
    state: async () => (running ? 'running' : 'exited'),
  };
  return { component: () => worker } as unknown as Stack;
}

test('a fault is on for the whole of its time, however long it took to inject', async () => {
  const clock = jumpingClock();
  const records: FaultRecord[] = [];
  await runTimeline([{ at: 0, for: 2, fault: killed }], {
    ...options([], slowStack([], clock, 10)),
    clock,
    onFault: (record) => records.push(record),
  });
  const { injectedAt, feltAt, recoveredAt = 0 } = records.at(-1) ?? { injectedAt: 0 };
  expect(feltAt).toBeDefined();
  expect(recoveredAt - injectedAt).toBeGreaterThanOrEqual(12_000);
});

test('a fault waits for the one before it on the same target to be undone', async () => {
  const clock = jumpingClock();
  const steps: string[] = [];
  const timeline = [
    { at: 3, for: 1, fault: killed },
    { at: 0, for: 2, fault: killed },
  ];
  await runTimeline(timeline, { ...options(steps, slowStack(steps, clock, 10)), clock });
  expect(steps).toEqual(['kill', 'start', 'kill', 'start']);
});

/** Two components that obey, and answer again only some looks after their start. */
function twoComponents(steps: string[], looksUntilWell: number): Stack {
  const make = (name: string) => {
    let running = true;
    let looks = 0;
    return {
      logSize: async () => 0,
      stop: async () => {
        steps.push(`stop ${name}`);
        running = false;
      },
      kill: async () => {
        steps.push(`kill ${name}`);
        running = false;
      },
      start: async () => {
        steps.push(`start ${name}`);
        running = true;
        looks = 0;
      },
      answers: async () => {
        const well = running && looks++ >= looksUntilWell;
        if (well) steps.push(`${name} well`);
        return well;
      },
      startedAt: async () => 0,
      state: async () => (running ? 'running' : 'exited'),
    };
  };
  const parts = { web: make('web'), worker: make('worker') };
  return { component: (name: keyof typeof parts) => parts[name] } as unknown as Stack;
}

test('a fault waits until one before it that touches the same is healed, not for one elsewhere', async () => {
  const steps: string[] = [];
  const stack = twoComponents(steps, 40);
  await runTimeline(
    [
      { at: 0, for: 1, fault: { name: 'rolling-restart', on: 'application' } },
      { at: 1.1, for: 1, fault: { name: 'killed', on: 'worker' } },
    ],
    options(steps, stack),
  );
  expect(steps.indexOf('web well')).toBeGreaterThan(0);
  expect(steps.indexOf('kill worker')).toBeGreaterThan(steps.indexOf('worker well'));

  const apart: string[] = [];
  await runTimeline(
    [
      { at: 0, for: 1, fault: { name: 'killed', on: 'web' } },
      { at: 1.1, for: 1, fault: { name: 'killed', on: 'worker' } },
    ],
    options(apart, twoComponents(apart, 100)),
  );
  expect(apart.indexOf('kill worker')).toBeLessThan(apart.indexOf('web well'));
});

test('faults on one place whose noted times overlap, as after a step of the clock, leave a doubt', async () => {
  const timeline = [
    { at: 0, for: 2, fault: killed },
    { at: 3, for: 1, fault: killed },
  ];
  const right: string[] = [];
  await runTimeline(timeline, options(right, stackWith(right)));
  expect(right).not.toContain('faults-overlapped');
  const steps: string[] = [];
  const clock = jumpingClock();
  let steppedTo: number | undefined;
  const stepped: Clock = { now: () => steppedTo ?? clock.now(), sleep: clock.sleep };
  const onFault = ({ injectedAt, recoveredAt }: FaultRecord) => {
    if (recoveredAt !== undefined) steppedTo ??= injectedAt + 1;
  };
  await runTimeline(timeline, { ...options(steps, stackWith(steps)), clock: stepped, onFault });
  expect(steps).toContain('faults-overlapped');
});

test('the error of a journal that cannot be written is the one that is told, and nothing is injected', async () => {
  const steps: string[] = [];
  const journal = {
    injecting: () => {
      throw new Error('E_JOURNAL');
    },
    undone: () => undefined,
    takenOver: () => false,
  };
  const run = runTimeline([{ at: 0, for: 1, fault: killed }], options(steps, stackWith(steps), { journal }));
  await expect(run).rejects.toThrow('E_JOURNAL');
  expect(steps).toEqual([]);
});

test('a fault that the watchdog struck out before it was injected as a whole is undone at once', async () => {
  const steps: string[] = [];
  const records = new Set<FaultRecord>();
  await runTimeline(
    [{ at: 0, for: 60, fault: killed }],
    options(steps, stackWith(steps), {
      journal: { injecting: () => 0, undone: () => undefined, takenOver: () => true },
      onFault: (record) => records.add(record),
    }),
  );
  expect(steps).toEqual(['kill', 'start']);
  const [{ injectedAt, feltAt, recoveredAt } = { injectedAt: 0 }] = records;
  expect(feltAt).toBeUndefined();
  expect(recoveredAt).toBe(injectedAt);
});

test('replacements follow one another in their order, however long one takes, and some of the traffic meets each mixture', async () => {
  const steps: string[] = [];
  const clock = jumpingClock();
  const replace: TimelineOptions['replace'] = async ({ replace: process, by }) => {
    steps.push(`${process} ${by}`);
    await clock.sleep(60_000);
    steps.push(`${process} answers at ${clock.now() / 1000}`);
  };
  await runTimeline(
    [
      { at: 1, replace: 'worker', by: 'other' },
      { at: 2, replace: 'web', by: 'other' },
    ],
    options(steps, stackWith(steps), { clock, replace }),
  );
  expect(steps.map((step) => step.replace(/ at .*/, ''))).toEqual([
    'worker other',
    'worker answers',
    'web other',
    'web answers',
  ]);
});

test('a fault on a process waits until it is replaced', async () => {
  const steps: string[] = [];
  const replace = async () => {
    await new Promise(setImmediate);
    steps.push('replaced');
  };
  await runTimeline(
    [
      { at: 0, replace: 'worker', by: 'other' },
      { at: 0.1, for: 1, fault: killed },
    ],
    options(steps, stackWith(steps), { replace }),
  );
  expect(steps).toEqual(['replaced', 'kill', 'start']);
});
