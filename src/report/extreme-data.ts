import { BAD_OUTCOMES, type Finding, OUTCOMES, STAGES } from '../checker/verdict.ts';
import { exampleRun } from './example-data.ts';
import type { JudgedRun } from './judged-run.ts';

/** Text that breaks whatever forgets to escape it: markup, quotes, terminal sequences, turned writing, wide letters. */
export const HOSTILE =
  '</script></style><img src=x onerror=alert(1)>"\'`&amp;]]> | # * _ @all \u001b[2J\u0007\u0000\u202e\ud800漢字👩‍💻\r\n\t::error::';

/**
 * A run with far too much of everything: every list long, every text `text`, every outcome at every checkpoint.
 */
export function extremeRun(text: string, findings: number): JudgedRun {
  const { run, verdict } = exampleRun('fail');
  const fill = <T>(length: number, make: (index: number) => T): T[] =>
    Array.from({ length }, (_, index) => make(index));
  const everyOutcome = Object.fromEntries(OUTCOMES.map((outcome, index) => [outcome, 10 ** index]));
  const everyStage = Object.fromEntries(STAGES.map((stage, index) => [stage, 123_456_789 * (index + 1)]));
  const checkpoint = verdict.checkpoints[0] as (typeof verdict.checkpoints)[number];
  const start = run.samples[0]?.at ?? 0;
  return {
    run: {
      ...run,
      id: text,
      scenario: { name: text, proves: text, reproduces: text, visibilityBudget: 1e9 },
      seed: text,
      command: text,
      stack: text,
      versions: Object.fromEntries(fill(300, (index) => [`${text}${index}`, text])),
      langfuse: {
        ...{ version: text, known: false, profile: text, writeModeBy: text, clickhouse: text },
        ...{ queues: fill(300, () => text), tables: fill(300, () => text), notes: fill(300, () => text) },
      },
      phases: fill(300, (index) => ({ name: 'settle' as const, startedAt: start + index * 1000 })),
      faults: fill(500, (index) => ({
        fault: `${text}${index % 50}`,
        on: text,
        injectedAt: start + index * 900,
        ...(index % 2 ? { feltAt: start + index * 900 + 100, felt: text } : {}),
      })),
      replacements: fill(300, (index) => ({
        process: index % 2 ? ('web' as const) : ('worker' as const),
        webVersion: text,
        by: 'other' as const,
        target: text,
        at: start + index * 900,
        answeredAt: start + index * 900 + 500,
        queue: { waiting: 1e9 + index, active: 1e9, delayed: 1e9, failed: 1e9 },
      })),
      probes: fill(1000, (index) => ({
        label: `${text}${index % 40}`,
        endpoint: text,
        at: start + index,
        body: text.repeat(5),
        tookMs: index,
      })),
      samples: fill(3_000, (index) => ({
        at: start + index * 1000,
        sent: index * 1e6,
        acknowledged: index * 1e6,
        landed: index * 1e6,
        queue: { waiting: 1e9 + index, active: 1e9, delayed: 1e9, failed: 1e9 },
      })),
      runbook: fill(300, (index) => ({
        step: text,
        at: start + index,
        asWritten: text.repeat(2),
        did: text.repeat(5),
        right: text.repeat(5),
      })),
      oddTraffic: fill(300, (index) => ({
        name: text,
        at: start + index,
        acknowledged: index,
        refused: 1e9,
      })),
      ownEvents: 1e9,
      reference: { pipeline: text },
      recovery: fill(300, (index) => ({
        step: 'replay from S3' as const,
        startedAt: start,
        endedAt: start + index,
        done: index,
        skipped: fill(100, () => ({ reason: text, count: index })),
      })),
    },
    verdict: {
      ...verdict,
      sentence: text.repeat(20),
      reasons: fill(300, (index) => ({
        verdict: index % 2 ? 'fail' : 'unknown',
        code: text,
        text: `${text}${index}`,
      })),
      checkpoints: (['heal', 'settled', 'after-retry', 'after-replay'] as const).map((name, index) => ({
        ...checkpoint,
        name,
        at: checkpoint.at + index,
        outcomes: everyOutcome as typeof checkpoint.outcomes,
        missing: everyStage as typeof checkpoint.missing,
        blindLoss: 987_654_321,
        failedSet: 100_000,
      })),
      expectations: fill(300, (index) => ({
        text,
        held: false,
        seen: text,
        kind: index % 2 ? 'must' : 'shows',
      })),
      findings: fill(findings, (index): Finding => {
        const outcome = BAD_OUTCOMES[index % 7] ?? 'recovered-by-replay';
        return {
          outcome,
          entity: `trace/${index}${text}`,
          eventId: text,
          type: 'trace-create',
          request: index,
          sentAt: start + index,
          stages: { heal: STAGES[index % 5] ?? 'queued', settled: 's3-only' },
          ...(outcome === 'altered'
            ? {
                differences: fill(20, () => ({ field: text, stored: text, allowed: fill(10, () => text) })),
                note: text,
              }
            : {}),
        };
      }),
    },
  };
}
