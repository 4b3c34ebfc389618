import type { CheckpointName, Persisted } from '../history/run-record.ts';
import type { NamedReason, Outcome, Stage } from './outcomes.ts';
import type { WayNumber } from './ways.ts';

/**
 * A scenario: traffic, a timeline of faults and probes, recovery steps and expectations, as plain data. It can
 * be printed as a plan before anything runs and is stored with every run.
 * All times are seconds since the traffic began.
 */
export interface Scenario {
  /** Lower case with dashes; the name of its file in `scenarios/`. */
  readonly name: string;
  /** One sentence: what a run of it proves. */
  readonly proves: string;
  /** The report it reproduces, for example `langfuse#6380`. */
  readonly reproduces?: string;
  /** The known ways to lose events that it makes happen (`ways.ts`). */
  readonly ways?: readonly WayNumber[];
  readonly traffic: RecordedTraffic | GeneratedTraffic;
  /** What happens when; empty for a steady state. */
  readonly timeline: readonly TimelineStep[];
  /** The recovery steps carried out after the stack has settled, in this order. */
  readonly recovery: readonly RecoveryStep[];
  /** Why Langfuse v3.36.0 fails it, where nothing brings everything back; it passes where this is absent. */
  readonly failsOnV3360With?: readonly NamedReason[];
  readonly expect: readonly Expectation[];
  /** An acknowledged event first seen later than this after its answer is late. Seconds; 30 unless told. */
  readonly visibilityBudget?: number;
  /** Environment of the application on top of the stack's own, Langfuse's names. */
  readonly settings?: Readonly<Partial<Record<'web' | 'worker', Readonly<Record<string, string>>>>>;
  /** Whether the stack's own Redis keeps an append-only file; true unless told. */
  readonly redisAppendOnly?: boolean;
  /** Seconds that the stack may take to come to rest after healing; 120 unless told. */
  readonly settleTimeout?: number;
}

/** Requests of a recording, sent again with ids and times of the run's own. */
export interface RecordedTraffic {
  readonly kind: 'recording';
  /** Path of the file, relative to `scenarios/recordings/` or to the working directory. */
  readonly file: string;
  /** 1 keeps the recorded distances in time, 2 halves them. */
  readonly speed: number;
  /** How many times the whole recording is sent, one after another. */
  readonly repeat: number;
}

/** Synthetic requests at an even rate. */
export interface GeneratedTraffic {
  readonly kind: 'generated';
  /** Events a second, open loop. */
  readonly rate: number;
  /** Seconds. */
  readonly duration: number;
  /** Most events in one request, 1 to 100. */
  readonly maxBatch: number;
  /** Largest input or output of one event, in bytes of UTF-8, up to 100,000. */
  readonly maxBytes: number;
  /**
   * The moment at which the traffic's own time begins, ISO 8601 in UTC; the morning of 2025-03-10 unless told. One shortly
   * before midnight makes entities straddle it.
   */
  readonly startsAt?: string;
  /**
   * How traces and observations are sent: as events of the ingestion API unless told, or as spans over OTLP, each once when it has
   * ended. Scores always go to the ingestion API.
   */
  readonly protocol?: Protocol;
}

/** The ways to send traces and observations to Langfuse. */
export const PROTOCOLS = ['ingestion', 'otlp'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** One entry of the timeline. */
export type TimelineStep = FaultStep | InTurnStep | ProbeStep | SendStep | RecoverStep | ReplaceStep;

/** A fault from the catalogue, undone `for` seconds after it was injected, which itself may take a while. */
export interface FaultStep {
  readonly at: number;
  readonly for: number;
  readonly fault: FaultSpec;
  /**
   * Whether it is meant to last until jobs have used up their attempts. It then lasts longer where the back-off can't be scaled, and what
   * comes after that comes as much later (`src/run/own-back-off.ts`).
   */
  readonly outlastsAttempts?: boolean;
}

/**
 * Faults one after another, each with a probe while it is on: the rows of a table. Each begins when the endpoints have recovered from the
 * one before, so that the table does not depend on how fast the machine is.
 */
export interface InTurnStep {
  readonly at: number;
  /** Seconds that an endpoint has to answer. */
  readonly timeout: number;
  readonly inTurn: readonly ProbedFault[];
}

/** A fault that is on until the endpoints of the process that it hits have answered; they are then asked until each is well again. */
export interface ProbedFault {
  /** On a link or a component; `web…` or `worker…` says whose endpoints are asked. */
  readonly fault: FaultSpec;
  /** Label of its rows in the report's table of probes. */
  readonly probe: string;
}

/** Name of a fault in the catalogue and its parameters, which the fault's own schema checks. */
export interface FaultSpec {
  readonly name: string;
  /** What it hits: a link such as `worker→clickhouse`, or a component such as `worker`. */
  readonly on: string;
  readonly [parameter: string]: unknown;
}

/** Asks the target's endpoints once, to see how they answer at that moment. */
export interface ProbeStep {
  readonly at: number;
  /** Label of the row in the report's table of probes. */
  readonly probe: string;
}

/** Sends odd traffic beside the scenario's own: events that are known to be lost, doubled or mixed up. */
export interface SendStep {
  readonly at: number;
  readonly send: OddTrafficSpec;
}

/** Name of a kind of odd traffic (`src/traffic/odd/`) and its parameters, which its own schema checks. */
export interface OddTrafficSpec {
  readonly name: string;
  readonly [parameter: string]: unknown;
}

/** Carries out a recovery step in the middle of the traffic, for example while the outage still lasts. */
export interface RecoverStep {
  readonly at: number;
  readonly recover: RecoveryStep | GuideStep;
}

/**
 * Replaces a process of the application by that of the other version which the run was given, or by its own again: ended in good
 * order, as by a container's stop, and started on the same data. It is no fault, and takes as long as it takes.
 */
export interface ReplaceStep {
  readonly at: number;
  readonly replace: 'web' | 'worker';
  readonly by: 'other' | 'own';
  /** Jobs of which at least one each must be in the ingestion queue then; otherwise the run is unknown. `waiting`: or delayed. */
  readonly meets?: readonly MetJobs[] | undefined;
}

/** Jobs that a replacement can be made to meet. */
export const MET_JOBS = ['waiting', 'failed'] as const;
export type MetJobs = (typeof MET_JOBS)[number];

/**
 * Steps of the recovery guide that goes round, carried out as it writes them, to see what they really do
 * (`src/recovery/common-guide.ts`).
 */
export const GUIDE_STEPS = [
  'guide: see whether the queue is drained',
  'guide: count the failed jobs',
  'guide: add the failed jobs again',
  'guide: add them with a prefix',
  'guide: retry all at once',
] as const;
export type GuideStep = (typeof GUIDE_STEPS)[number];

/** The recovery steps in the only order that makes sense: the replay brings back what the retry could not. */
export const RECOVERY_ORDER = ['retry failed jobs', 'replay from S3'] as const;
export type RecoveryStep = (typeof RECOVERY_ORDER)[number];

/** The checkpoint that follows each recovery step. */
export const CHECKPOINT_AFTER = {
  'retry failed jobs': 'after-retry',
  'replay from S3': 'after-replay',
} as const satisfies Record<RecoveryStep, CheckpointName>;

/**
 * What a run is expected to show. `must`: a miss fails the run. `shows`: a weakness of Langfuse v3.36.0 that
 * the scenario reproduces; on a target that does better it is reported as not shown, and fails nothing.
 */
export type Expectation = { readonly kind: 'must' | 'shows'; readonly text: string } & (
  | ({ readonly about: 'missing' | 'blind-loss' | 'failed-set'; readonly at: CheckpointName } & Bounds)
  | ({ readonly about: 'outcome'; readonly outcome: Outcome; readonly at: CheckpointName } & Bounds)
  | ({ readonly about: 'stage'; readonly stage: Stage; readonly at: CheckpointName } & Bounds)
  | {
      readonly about: 'probe';
      readonly label: string;
      /** Method and path, for example `POST /api/public/ingestion`. */
      readonly endpoint: string;
      /** Of these three at least one. */
      readonly status?: number;
      /** Text that the answer's body, or the reason why there is none, must contain. */
      readonly body?: string;
      /** Where the events of a request that writes must be once the target has settled by itself. */
      readonly persisted?: Persisted;
    }
  | {
      readonly about: 'guide';
      readonly step: GuideStep;
      /** Of these two at least one. Text that must be in what the step really did, at one of the times when it was carried out. */
      readonly did?: string;
      /** How many failed jobs it must have brought back in all, of those of which it tried to; without any nothing was seen. */
      readonly broughtBack?: number;
    }
);

/** Both ends included. */
export interface Bounds {
  readonly atLeast?: number;
  readonly atMost?: number;
}
