import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import { couldBe, rightRun, type SmallRun, smallRun } from './testing/arbitraries.ts';
import { context, PROJECT } from './testing/build.ts';
import { slowJudge } from './testing/slow-judge.ts';
import { BAD_OUTCOMES, type Outcome } from './verdict.ts';

const RUNS = 300;
const options = context({ visibilityBudgetMs: 90_000 });
const judgeRun = ({ sends, checkpoints }: SmallRun) => judge(sends, checkpoints, options);

test('outcomes and stages are those of the slow judge', () => {
  fc.assert(
    fc.property(smallRun, (run) => {
      const slow = [...slowJudge(run.sends, run.checkpoints)];
      const verdict = judgeRun(run);
      for (const [at, { outcomes, missing }] of verdict.checkpoints.entries()) {
        const ofEvents = Object.entries(outcomes).filter(([name, n]) => n > 0 && !OF_ENTITIES.includes(name));
        expect(Object.fromEntries(ofEvents)).toEqual(countBy(slow.map(([, { outcomes: all }]) => all[at])));
        const stages = slow.map(([, { stages: all }]) => all[at]).filter((stage) => stage !== undefined);
        expect(Object.fromEntries(Object.entries(missing).filter(([, n]) => n > 0))).toEqual(countBy(stages));
      }
      const bad = slow.filter(([, { outcomes }]) => isBad(outcomes.at(-1) as Outcome));
      const listed = verdict.findings.filter(({ outcome, eventId }) => eventId && isBad(outcome));
      expect(new Map(listed.map(({ eventId, outcome }) => [eventId, outcome]))).toEqual(
        new Map(bad.map(([id, { outcomes }]) => [id, outcomes.at(-1)])),
      );
    }),
    { numRuns: RUNS },
  );
});

const OF_ENTITIES = ['duplicated', 'unexpected'];

test('duplicated and unexpected are what the rows say', () => {
  fc.assert(
    fc.property(smallRun, (run) => {
      const { checkpoints } = judgeRun(run);
      const lives = run.checkpoints.map(({ rows }) => [...rows].filter(isLive).length);
      expect(checkpoints.map(({ outcomes }) => outcomes.duplicated)).toEqual(
        lives.map((n) => (n > 1 ? 1 : 0)),
      );
      const firstStray = run.checkpoints.findIndex(({ rows }) =>
        [...rows].some((row) => row.project_id !== PROJECT),
      );
      expect(checkpoints.map(({ outcomes }) => outcomes.unexpected)).toEqual(
        run.checkpoints.map((_, at) => (firstStray !== -1 && at >= firstStray ? 1 : 0)),
      );
    }),
    { numRuns: RUNS },
  );
});

/** Without recovery steps the settled checkpoint is the last; what is absent before it may still be on its way. */
function endsSettled(checkpoints: SmallRun['checkpoints']): boolean {
  return checkpoints.at(-1)?.name === 'settled';
}

test('a run never passes when an acknowledged event is not in a live row at the end', () => {
  fc.assert(
    fc.property(smallRun, (run) => {
      const slow = slowJudge(run.sends, run.checkpoints);
      const isAbsent = [...slow.values()].some(({ stages }) => stages.at(-1) !== undefined);
      if (!isAbsent) return;
      const { verdict } = judgeRun(run);
      expect(verdict).not.toBe('pass');
      if (endsSettled(run.checkpoints)) expect(verdict).toBe('fail');
    }),
    { numRuns: RUNS },
  );
});

test('what Langfuse may have done right passes', () => {
  fc.assert(
    fc.property(rightRun, (run) => {
      expect(judgeRun(run)).toMatchObject({ verdict: 'pass', findings: [] });
    }),
    { numRuns: RUNS },
  );
});

test('a row with anything else in any column does not pass, unless it could have come about as well', () => {
  fc.assert(
    fc.property(
      rightRun,
      fc.nat(),
      fc.constantFrom<unknown>('changed', 7, null, true, {}, []),
      (run, which, value) => {
        const columns = Object.keys(run.row).filter((column) => !KEYS.includes(column));
        const column = columns[which % columns.length] as string;
        const changed = { ...run.row, [column]: value };
        if (couldBe(changed, run.sends)) return;
        const last = { ...(run.checkpoints[1] as SmallRun['checkpoints'][number]), rows: [changed] };
        expect(judge(run.sends, [last], options).verdict).toBe('fail');
      },
    ),
    { numRuns: 3 * RUNS },
  );
});

const KEYS = ['kind', 'project_id', 'id', 'event_ts', 'is_deleted'];

test('the order of events and rows does not matter', () => {
  fc.assert(
    fc.property(smallRun, ({ sends, checkpoints }) => {
      const reversed = checkpoints.map((each) => ({ ...each, rows: [...each.rows].reverse() }));
      expect(judge(sends.toReversed(), reversed, options)).toEqual(judge(sends, checkpoints, options));
    }),
    { numRuns: RUNS },
  );
});

test('the less was acknowledged, the less can fail', () => {
  fc.assert(
    fc.property(smallRun, ({ sends, checkpoints }) => {
      const before = judge(sends, checkpoints, options).verdict;
      const open = sends.map((send) =>
        send.answer === 'acknowledged' ? { ...send, answer: 'indeterminate' as const } : send,
      );
      if (before === 'pass') expect(judge(open, checkpoints, options).verdict).not.toBe('fail');
    }),
    { numRuns: RUNS },
  );
});

test('taking the last checkpoint’s rows away never makes a run better', () => {
  fc.assert(
    fc.property(smallRun, ({ sends, checkpoints }) => {
      const emptied = checkpoints.with(-1, {
        ...(checkpoints.at(-1) as SmallRun['checkpoints'][number]),
        rows: [],
      });
      const hasAcknowledged = sends.some(({ answer }) => answer === 'acknowledged');
      if (!hasAcknowledged) return;
      const { verdict } = judge(sends, emptied, options);
      expect(verdict).not.toBe('pass');
      if (endsSettled(checkpoints)) expect(verdict).toBe('fail');
    }),
    { numRuns: RUNS },
  );
});

test('a doubt makes a pass unknown and leaves a failure', () => {
  fc.assert(
    fc.property(smallRun, ({ sends, checkpoints }) => {
      const doubts = [{ code: 'any', text: 'Any.' }];
      const before = judge(sends, checkpoints, options).verdict;
      const after = judge(sends, checkpoints, { ...options, doubts }).verdict;
      expect(after).toBe(before === 'fail' ? 'fail' : 'unknown');
    }),
    { numRuns: RUNS },
  );
});

function isBad(outcome: Outcome): boolean {
  return (BAD_OUTCOMES as readonly Outcome[]).includes(outcome);
}

function isLive({ project_id, is_deleted }: { project_id: string; is_deleted: number }): boolean {
  return project_id === PROJECT && is_deleted === 0;
}

function countBy(items: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) if (item !== undefined) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}
