import { createRandom } from '../base/random.ts';
import type { Verdict } from '../checker/verdict.ts';
import type { RunRecord, Sample } from '../history/run-record.ts';

/** 5 March 2025, 14:03:20 UTC: when the traffic of the example begins. */
const TRAFFIC = Date.UTC(2025, 2, 5, 14, 3, 20);

/** Seconds since the traffic began, as a moment of the run record. */
export function at(seconds: number): number {
  return TRAFFIC + Math.round(seconds * 1000);
}

/** Events of the example run: sent, refused, absent by design, and dropped by the worker. */
export const EVENTS = 2000;
export const REFUSED = 6;
export const BY_DESIGN = 4;
export const DROPPED = 184;

/** The `run.json` that goes with the example's verdict. */
export function exampleRecord(kind: Verdict['verdict']): RunRecord {
  const felt = kind !== 'unknown';
  const replayed = kind === 'pass';
  const settled = felt ? 52 : 44.8;
  const end = replayed ? 61.5 : felt ? 56 : 47;
  return {
    version: 1,
    id: '2025-03-05T14-03-11Z-clickhouse-blip',
    scenario: {
      name: 'clickhouse-blip',
      proves:
        'A ClickHouse outage of a few seconds under load loses events that no queue shows, and the S3 replay brings them back.',
      reproduces: 'langfuse#6380',
    },
    seed: '7f3a19c2',
    command: 'npx langfuse-chaos run clickhouse-blip --seed 7f3a19c2',
    stack: 'embedded',
    versions: {
      'langfuse-chaos': '0.1.0',
      'reference pipeline': '3.36.0',
      node: '24.21.0',
      redis: '7.0.15',
      postgres: '18.4',
      toxiproxy: '2.12.0',
      's3 server (versitygw)': '1.7.0',
      'clickhouse engine (chdb)': '26.7.2',
    },
    projectId: 'chaos-7f3a19c2',
    startedAt: at(-9.4),
    endedAt: at(end),
    phases: [
      { name: 'start stack', startedAt: at(-9.4), endedAt: at(-3) },
      { name: 'steady state before', startedAt: at(-3), endedAt: at(0) },
      { name: 'traffic and faults', startedAt: at(0), endedAt: at(40) },
      { name: 'heal', startedAt: at(40), endedAt: at(40.6) },
      { name: 'settle', startedAt: at(40.6), endedAt: at(settled) },
      ...(felt ? [{ name: 'retry failed jobs' as const, startedAt: at(52.1), endedAt: at(53.4) }] : []),
      ...(replayed ? [{ name: 'replay from S3' as const, startedAt: at(53.4), endedAt: at(58.2) }] : []),
      { name: 'steady state after', startedAt: at(end - 3), endedAt: at(end - 0.4) },
      { name: 'judge', startedAt: at(end - 0.4), endedAt: at(end) },
    ],
    faults: [
      {
        fault: 'refused',
        on: 'worker→clickhouse',
        injectedAt: at(12),
        ...(felt ? { feltAt: at(12.4), felt: 'a SELECT through the link was refused (ECONNREFUSED)' } : {}),
        recoveredAt: at(17),
        healedAt: at(17.9),
      },
    ],
    probes: [
      {
        label: 'ClickHouse away from the worker',
        endpoint: 'POST /api/public/ingestion',
        at: at(14),
        status: 207,
        body: '{"successes":[{"id":"probe-1","status":201}],"errors":[]}',
        tookMs: 21,
      },
      {
        label: 'ClickHouse away from the worker',
        endpoint: 'GET /api/public/traces',
        at: at(14.1),
        status: 200,
        body: '{"data":[],"meta":{"page":1,"limit":50,"totalItems":0,"totalPages":0}}',
        tookMs: 34,
      },
      {
        label: 'ClickHouse away from the worker',
        endpoint: 'GET /api/public/health',
        at: at(14.2),
        body: 'no answer within 5 s',
        tookMs: 5000,
      },
    ],
    samples: exampleSamples(felt, replayed, end),
    recovery: [
      ...(felt
        ? [
            {
              step: 'retry failed jobs' as const,
              startedAt: at(52.1),
              endedAt: at(53.3),
              done: 0,
              skipped: [],
            },
          ]
        : []),
      ...(replayed
        ? [
            {
              step: 'replay from S3' as const,
              startedAt: at(53.4),
              endedAt: at(57.6),
              done: 96,
              skipped: [{ reason: 'whole in ClickHouse', count: 835 }],
            },
          ]
        : []),
    ],
    doubts: [],
    traffic: { startedAt: at(0), endedAt: at(40) },
  };
}

/** One sample a second: landing stops during the outage, jobs pile up as delayed, and drain after it. */
function exampleSamples(felt: boolean, replayed: boolean, end: number): Sample[] {
  const random = createRandom('example samples');
  const samples: Sample[] = [];
  let sent = 0;
  let landed = 0;
  for (let second = -3; second <= end; second += 1) {
    if (second > 0 && second <= 40)
      sent = Math.min(EVENTS, sent + 50 + (second < 40 ? random.int(-4, 4) : 99));
    const acknowledged = Math.max(0, sent - REFUSED);
    const away = felt && second >= 12 && second <= 17;
    const dropped = felt && second >= 12 ? DROPPED : 0;
    const pending = away ? 60 + (second - 12) * 9 : second < 41 ? random.int(18, 40) : 0;
    const back = replayed && second >= 55 ? Math.min(DROPPED, (second - 54) * 70) : 0;
    const delayed = away
      ? (second - 11) * 12
      : felt && second > 17 && second < 27
        ? 72 - (second - 17) * 8
        : 0;
    if (!away) landed = Math.max(landed, acknowledged - BY_DESIGN - dropped - pending - delayed + back);
    samples.push({
      at: at(second),
      sent,
      acknowledged,
      landed,
      queue: {
        waiting:
          second > 0 && second < 41
            ? random.int(0, 9) + (away ? 22 : 0)
            : back > 0 && back < DROPPED
              ? 30
              : 0,
        active: second > 0 && second < 41 ? random.int(2, 8) : 0,
        delayed,
        failed: 0,
      },
    });
  }
  return samples;
}
