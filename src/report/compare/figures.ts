import type { Outcome, Stage, Verdict } from '../../checker/verdict.ts';
import { type CheckpointName, JOBS_PROBE, type ProbeRecord } from '../../history/run-record.ts';
import type { JudgedRun } from '../judged-run.ts';

/** How the traffic was answered and when it was over, as the history has it. */
export interface TrafficFigures {
  /** SHA-256 of the paths and bodies of the traffic's requests that were sent, whatever their order: under a fault one may overtake another. */
  readonly fingerprint: string;
  /** Requests of the traffic that were sent, out of so many that were planned. */
  readonly sent: number;
  readonly planned: number;
  /** Status or reason (`TIMEOUT`, `ECONNREFUSED`, `in flight`) → requests. */
  readonly answers: Readonly<Record<string, number>>;
  /** When the last request was sent; milliseconds since the epoch. */
  readonly lastSentAt?: number;
}

/** How things stood at one checkpoint. */
export interface CheckpointFigures {
  readonly name: CheckpointName;
  readonly missing: Readonly<Record<Stage, number>>;
  /** Absent at heal, where it is not judged. */
  readonly blindLoss?: number;
  readonly lost: number;
  readonly failedJobs: number;
}

/** How one endpoint answered at one moment. */
export interface ProbeFigures {
  readonly label: string;
  readonly endpoint: string;
  /** The status, or in a word what happened. */
  readonly answer: string;
  /** Milliseconds until it was well again, of one that was not under a fault; `never` when it was given up. */
  readonly recovery?: number | 'never';
}

/** What a comparison looks at in one run. Times are milliseconds. */
export interface RunFigures {
  readonly verdict: Verdict['verdict'];
  readonly acknowledged: number;
  readonly refused: number;
  readonly indeterminate: number;
  /** Events by outcome at the last checkpoint. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly checkpoints: readonly CheckpointFigures[];
  readonly traffic: TrafficFigures;
  /** From when the last fault was undone, or the last request of the traffic sent, whichever was later, until the target had come to rest by itself; absent when it did not. */
  readonly atRestAfter?: number;
  /** From then until nothing was missing any more, recovery steps included: that checkpoint; `never` when something still was at the last. */
  readonly allBackAfter: number | 'never';
  readonly probes: readonly ProbeFigures[];
  /** What leaves open what the run comes to, in sentences, also where it failed for something else. */
  readonly doubts: readonly string[];
}

/**
 * The figures of a judged run.
 *
 * @param traffic what its history says of the traffic
 * @returns undefined when it did not reach a checkpoint
 */
export function figuresOf({ run, verdict }: JudgedRun, traffic: TrafficFigures): RunFigures | undefined {
  const last = verdict.checkpoints.at(-1);
  if (!last) return undefined;
  const { acknowledged, refused, indeterminate } = verdict.counts;
  return {
    verdict: verdict.verdict,
    acknowledged,
    refused,
    indeterminate,
    outcomes: last.outcomes,
    checkpoints: verdict.checkpoints.map(({ name, missing, blindLoss, outcomes, failedSet }) => ({
      name,
      missing,
      ...(name === 'heal' ? {} : { blindLoss }),
      lost: outcomes.lost,
      failedJobs: failedSet,
    })),
    traffic,
    ...recovery({ run, verdict }, traffic.lastSentAt),
    probes: run.probes.map(probeFigures),
    doubts: verdict.reasons.filter((reason) => reason.verdict === 'unknown').map(({ text }) => text),
  };
}

/** The checkpoint at which the target had come to rest by itself. */
export function settled({ checkpoints }: RunFigures): CheckpointFigures | undefined {
  return checkpoints.find(({ name }) => name === 'settled');
}

/** Missing events of a checkpoint, at whatever stage. */
export function missingIn({ missing }: CheckpointFigures): number {
  return Object.values(missing).reduce((sum, count) => sum + count, 0);
}

/** Acknowledged events that did not land by themselves within the visibility budget: late, brought back, or lost. */
export function notInTime({ outcomes }: RunFigures): number {
  const { late, lost } = outcomes;
  return late + outcomes['recovered-by-retry'] + outcomes['recovered-by-replay'] + lost;
}

/** Requests of the traffic that were not answered with a 2xx. */
export function errorsOf({ answers }: TrafficFigures): number {
  return Object.entries(answers).reduce(
    (sum, [answer, count]) => sum + (/^2\d\d$/.test(answer) ? 0 : count),
    0,
  );
}

function recovery(
  { run, verdict }: JudgedRun,
  lastSentAt = 0,
): Pick<RunFigures, 'atRestAfter' | 'allBackAfter'> {
  const undone = run.faults.flatMap(({ recoveredAt }) => recoveredAt ?? []);
  const from = Math.max(lastSentAt, ...undone);
  const rest = run.phases.findLast(({ name }) => name === 'settle')?.endedAt;
  // One that was given up has ended, too.
  const isAtRest = rest !== undefined && !verdict.reasons.some(({ code }) => code === 'not-settled');
  const whole = verdict.checkpoints.find(
    ({ name, missing }) => name !== 'heal' && Object.values(missing).every((count) => count === 0),
  );
  return {
    ...(isAtRest ? { atRestAfter: Math.max(0, rest - from) } : {}),
    allBackAfter: whole ? Math.max(0, whole.at - from) : 'never',
  };
}

function probeFigures({ label, endpoint, status, body, recovery }: ProbeRecord): ProbeFigures {
  const word = endpoint === JOBS_PROBE ? (body.split(':', 1)[0] ?? body) : 'no answer';
  return {
    label,
    endpoint,
    answer: status === undefined ? word : String(status),
    ...(recovery ? { recovery: 'afterMs' in recovery ? recovery.afterMs : 'never' } : {}),
  };
}
