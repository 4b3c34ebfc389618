/**
 * What happened in a run, as `run.json` keeps it: everything that the report shows beside the verdict.
 * Times are milliseconds since the epoch.
 */

/** The four reads of what has landed, in their order. */
export const CHECKPOINT_NAMES = ['heal', 'settled', 'after-retry', 'after-replay'] as const;

/** `heal`: all faults undone; `settled`: the stack came to rest by itself; then after each recovery step. */
export type CheckpointName = (typeof CHECKPOINT_NAMES)[number];

/** A part of the run, for the live view and the timeline. */
export interface PhaseRecord {
  readonly name:
    | 'start stack'
    /** In place of it where nothing is started: an external target. */
    | 'look at the target'
    | 'steady state before'
    | 'traffic and faults'
    | 'heal'
    /** In place of it where no fault was injected. */
    | 'checkpoint heal'
    | 'settle'
    | 'retry failed jobs'
    | 'replay from S3'
    | 'steady state after'
    | 'judge';
  readonly startedAt: number;
  endedAt?: number;
}

/** One fault as it was lived through. A fault that was not felt makes the run unknown. */
export interface FaultRecord {
  /** Name in the fault catalogue, for example `refused`. */
  readonly fault: string;
  /** What it hit, for example `worker→clickhouse` or `worker`. */
  readonly on: string;
  injectedAt: number;
  /** When its effect was first observed; absent if never. */
  feltAt?: number;
  /** What the observation was, in words. */
  felt?: string;
  recoveredAt?: number;
  /** When the target was observed to work again; absent if never. */
  healedAt?: number;
}

/** How far the events of one request have come; `partly`: not all of them alike. */
export const PERSISTED = ['ClickHouse', 'S3', 'partly', 'nothing'] as const;
export type Persisted = (typeof PERSISTED)[number];

/** One HTTP request made on purpose in the middle of a run, to see how the target answers. */
export interface ProbeRecord {
  /** Which moment of the scenario this is, for example `web: name of ClickHouse gone`. */
  readonly label: string;
  /** Method and path, for example `GET /api/public/traces`. */
  readonly endpoint: string;
  /** What was asked in its place, where the target has another for it. */
  readonly asked?: string;
  readonly at: number;
  /** HTTP status; absent when no answer came within the time-out. */
  readonly status?: number;
  /** The answer's body as text, cut at 400 characters, or why no answer came. */
  readonly body: string;
  /** Milliseconds until the answer or the time-out. */
  readonly tookMs: number;
  /** Place among the run's faults of the one that it was made under; absent for a probe at a moment of the timeline. */
  readonly under?: number;
  /** The entities that the request carried, as `<kind>/<id>`; absent for a request that writes nothing. */
  readonly entities?: readonly string[];
  /** Of an endpoint that was not well under a fault: when it first was again, counted from when the undoing of the fault began. */
  recovery?: { readonly afterMs: number } | { readonly notWithinMs: number };
  /** Where the request's events are once the target has settled by itself, and at the run's last checkpoint; added when it is judged. */
  readonly persisted?: { readonly settled: Persisted; readonly last: Persisted };
}

/** What stands for an endpoint where it was seen whether the worker's jobs go on: the body then says it in words, and there is no status. */
export const JOBS_PROBE = 'worker jobs';

/** One second of the run, for the timeline. */
export interface Sample {
  readonly at: number;
  /** Events sent, acknowledged, and first seen in ClickHouse, since the run began. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly landed: number;
  /** Jobs of the ingestion queue by state; absent when Redis could not be asked. */
  readonly queue?: QueueDepths;
}

/** Jobs of the ingestion queue by state. */
export interface QueueDepths {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** What a recovery step did. */
export interface RecoveryRecord {
  readonly step: 'retry failed jobs' | 'replay from S3';
  readonly startedAt: number;
  readonly endedAt: number;
  /** Jobs retried, or entities for which a job was added. */
  readonly done: number;
  /** What was left alone and why, with how many of each. */
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
}

/** One step of odd traffic that was sent, and how its events were answered; the rest of them were not. */
export interface OddTrafficRecord {
  /** Its name in the scenario's timeline. */
  readonly name: string;
  readonly at: number;
  readonly acknowledged: number;
  readonly refused: number;
}

/** A step of the common guide that was carried out as it is written. */
export interface GuideRecord {
  /** Its name in a scenario's timeline. */
  readonly step: string;
  readonly at: number;
  /** What the guide says, as it is typed. */
  readonly asWritten: string;
  /** What it really did, in words. */
  readonly did: string;
  /**
   * Of a step that is meant to bring failed jobs back: of how many it tried to, itself or by a copy, and how many of these
   * were done once it had come to rest. Absent of a step that only looks.
   */
  readonly jobs?: { readonly tried: number; readonly broughtBack: number };
  /** What to do instead. */
  readonly right: string;
}

/** A process of the application that was replaced by another version, or by its own again. */
export interface ReplacementRecord {
  readonly process: 'web' | 'worker';
  readonly by: 'other' | 'own';
  /** What it runs from then on, in one word, such as `embedded:safe`. */
  readonly target: string;
  /** When the one that ran was told to end, and when the new one answered. */
  readonly at: number;
  readonly answeredAt: number;
  /** Jobs that were there when it was told; absent when Redis could not be asked. */
  readonly queue?: QueueDepths;
  /** Version that the web said it is when it answered; absent when it said none, and in runs in which it was not asked. */
  readonly webVersion?: string;
}

/** What was found of Langfuse on the target when it was up. */
export interface LangfuseRecord {
  /** As its web says it. */
  readonly version: string;
  /** Whether the harness knows this version; otherwise the newest that it knows stands in. */
  readonly known: boolean;
  /** First version of the range that it is in (`src/langfuse/profiles.ts`). */
  readonly profile: string;
  /** How it stores traces and observations; absent where the target did not show it. */
  readonly writeMode?: 'legacy' | 'dual' | 'events_only';
  /** How that was found. */
  readonly writeModeBy: string;
  /** Queues of the ingestion in Redis, with their prefix. */
  readonly queues: readonly string[];
  /** Tables in Langfuse's database of ClickHouse. */
  readonly tables: readonly string[];
  /** Version of ClickHouse. */
  readonly clickhouse: string;
  /** What the reader should know of it, one sentence each. */
  readonly notes: readonly string[];
}

/** The whole of `run.json`. */
export interface RunRecord {
  /** Version of this format. */
  readonly version: 1;
  readonly id: string;
  readonly scenario: {
    readonly name: string;
    readonly proves: string;
    readonly reproduces?: string;
    /** Codes of the reasons for which Langfuse v3.36.0 is expected to fail it; absent where it is expected to pass. */
    readonly failsOnV3360With?: readonly string[];
    /** Environment of the application on top of the stack's own, by process; absent where there is none. */
    readonly settings?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    /** Seconds after its acknowledgement from which on an event is late; added when it is judged. */
    readonly visibilityBudget?: number;
  };
  readonly seed: string;
  /** The command that repeats the run. */
  readonly command: string;
  /** Present where what counts is that the run ends as v3.36.0 is expected to (`run --as-expected`), and not that it is a pass. */
  readonly asExpected?: boolean;
  /** What was tested in one word, such as `embedded:safe` or `docker:3.36.0`; absent in runs of versions that knew only the reference pipeline. */
  readonly target?: string;
  /** Of the reference pipeline, if that was tested: which one, and a planted defect. */
  readonly reference?: { readonly pipeline?: string; readonly defect?: string };
  /** Kind of stack, for example `embedded`; empty until it is up. */
  stack: string;
  /** Part → version, of everything that took part. */
  versions: Readonly<Record<string, string>>;
  projectId: string;
  /** Absent until the target was looked at, and in runs of versions that did not. */
  langfuse?: LangfuseRecord;
  readonly startedAt: number;
  endedAt?: number;
  readonly phases: PhaseRecord[];
  readonly faults: FaultRecord[];
  readonly probes: ProbeRecord[];
  readonly samples: Sample[];
  readonly recovery: RecoveryRecord[];
  /** What the scenario had sent beside its traffic; absent when it has none. */
  oddTraffic?: OddTrafficRecord[];
  /** Steps of the common guide that the scenario had carried out; absent when it has none. */
  runbook?: GuideRecord[];
  /** What web and worker could be replaced by, in one word; absent where the run was given no other version. */
  readonly other?: string;
  /** Processes that were replaced, in their order; absent when none was. */
  replacements?: ReplacementRecord[];
  /**
   * Events that the harness sent on its own account, to see that the target works or how it answers; absent before the traffic, and
   * in runs of versions that did not count them.
   */
  ownEvents?: number;
  /** Why the run can't be judged for certain, whatever its events say: these make the verdict unknown. */
  readonly doubts: { readonly code: string; readonly text: string }[];
  /** When the traffic began and ended. */
  traffic?: { readonly startedAt: number; endedAt?: number };
}
