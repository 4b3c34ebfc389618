import type { IngestionEvent } from '../../langfuse/events.ts';
import { markOfComment } from '../../langfuse/mark.ts';
import type { Answer, Checkpoint, SentEvent, StoredRow } from '../input.ts';
import type { Outcome, Stage } from '../verdict.ts';
import { PROJECT } from './build.ts';
import { contentText, possibleRows, storingSends } from './slow-rows.ts';

/** An event and all its sends. */
interface Known {
  readonly event: IngestionEvent;
  readonly answer: Answer;
  readonly sends: readonly SentEvent[];
}

export interface SlowFinding {
  /** Outcome at each checkpoint, as if it had been the last. */
  readonly outcomes: readonly Outcome[];
  /** Stage at each checkpoint at which an acknowledged event was missing. */
  readonly stages: readonly (Stage | undefined)[];
}

/**
 * What became of each event of one entity, by its id, straight from the definitions: a row holds those events whose merge, in some
 * order that was possible, gives exactly this row. For events of which each has a mark of its own.
 */
export function slowJudge(
  sends: readonly SentEvent[],
  checkpoints: readonly Checkpoint[],
): Map<string, SlowFinding> {
  const events = knownEvents(sends);
  const readings = checkpoints.map((checkpoint) => readCheckpoint(events, checkpoint));
  return new Map(
    events.map((known) => {
      const steps = readings.map((reading) => ({
        isPresent: reading.present.has(known.event.id),
        isAltered: reading.altered.has(known.event.id),
      }));
      return [
        known.event.id,
        {
          outcomes: steps.map((_, at) => outcomeAt(known, steps.slice(0, at + 1), checkpoints)),
          stages: steps.map(({ isPresent }, at) =>
            isPresent || known.answer !== 'acknowledged'
              ? undefined
              : stageOf(known, events, checkpoints[at] as Checkpoint),
          ),
        },
      ];
    }),
  );
}

function knownEvents(sends: readonly SentEvent[]): Known[] {
  return [...new Set(sends.map(({ event }) => event.id))].map((id) => {
    const own = sends.filter(({ event }) => event.id === id);
    const answers = own.map(({ answer }) => answer);
    const answer = (['acknowledged', 'indeterminate', 'refused'] as const).find((each) =>
      answers.includes(each),
    );
    return { event: (own[0] as SentEvent).event, answer: answer as Answer, sends: own };
  });
}

interface Reading {
  readonly present: Set<string>;
  readonly altered: Set<string>;
}

function readCheckpoint(events: readonly Known[], { rows }: Checkpoint): Reading {
  const reading: Reading = { present: new Set(), altered: new Set() };
  const live = [...rows]
    .filter((row) => row.project_id === PROJECT && row.is_deleted === 0)
    .sort((a, b) => (a.event_ts < b.event_ts ? 1 : -1));
  for (const [age, row] of live.entries()) {
    const { included, isRight } = explain(events, row);
    for (const { event } of included) {
      reading.present.add(event.id);
      if (age === 0 && !isRight) reading.altered.add(event.id);
    }
  }
  return reading;
}

/**
 * The choice of events that the row's mark allows and its content follows from: as many as possible, acknowledged ones
 * first, and of equally good ones that with the newer events.
 */
function explain(events: readonly Known[], row: StoredRow): { included: readonly Known[]; isRight: boolean } {
  const choices = subsets(events.toSorted(byTime))
    .reverse()
    .filter((choice) => choice.length > 0 && fitsMarks(choice, events, row))
    .sort((a, b) => weight(b) - weight(a));
  const right = choices.find((choice) => possibleRows(row.kind, sendsOf(choice)).has(contentText(row)));
  if (right) return { included: right, isRight: true };
  return { included: choices[0] ?? [], isRight: false };
}

function byTime(a: Known, b: Known): number {
  const place = ({ event, sends }: Known) => {
    const [first] = sends.toSorted((x, y) => x.request - y.request);
    const isUpdate = event.type.includes('create') ? 0 : 1;
    return [event.timestamp, isUpdate, first?.request, first?.index].join(' ');
  };
  return place(a) < place(b) ? -1 : 1;
}

function weight(choice: readonly Known[]): number {
  const worth = { acknowledged: 10_000, indeterminate: 1, refused: -100 };
  return choice.reduce((sum, { answer }) => sum + worth[answer], 0);
}

function fitsMarks(choice: readonly Known[], events: readonly Known[], row: StoredRow): boolean {
  if (row.kind !== 'score') {
    const stored = Object.values((row.metadata ?? {}) as Record<string, string>);
    return events.every((known) => choice.includes(known) === stored.includes(known.event.id));
  }
  const newest = events.find(({ event }) => markOfComment(event.body.comment) === markOfComment(row.comment));
  if (!newest || !choice.includes(newest)) return false;
  return choice.every(({ event }) => event.timestamp <= newest.event.timestamp);
}

function sendsOf(choice: readonly Known[]): readonly SentEvent[] {
  return storingSends(choice.flatMap(({ sends }) => sends));
}

function outcomeAt(
  { answer, sends }: Known,
  steps: readonly { isPresent: boolean; isAltered: boolean }[],
  checkpoints: readonly Checkpoint[],
): Outcome {
  const now = steps.at(-1) as (typeof steps)[number];
  if (answer === 'refused') return steps.some(({ isPresent }) => isPresent) ? 'leaked' : 'refused';
  const vanished = steps.some(
    ({ isPresent }, at) => !isPresent && steps.slice(0, at).some((step) => step.isPresent),
  );
  if (vanished) return 'vanished';
  if (!now.isPresent) return answer === 'acknowledged' ? 'lost' : 'indeterminate-not-landed';
  if (now.isAltered) return 'altered';
  if (answer === 'indeterminate') return 'indeterminate-landed';
  const lastWanting = steps.findLastIndex(({ isPresent, isAltered }) => !isPresent || isAltered);
  const since = checkpoints[lastWanting + 1] as Checkpoint;
  if (since.name === 'after-retry') return 'recovered-by-retry';
  if (since.name === 'after-replay') return 'recovered-by-replay';
  const acknowledgedAt = Math.min(
    ...sends.filter((send) => send.answer === 'acknowledged').map((send) => send.answeredAt ?? Infinity),
  );
  return since.at - acknowledgedAt > 90_000 ? 'late' : 'ok';
}

function stageOf({ event }: Known, events: readonly Known[], { rows, jobs, s3 }: Checkpoint): Stage {
  const hidden = [...rows].filter((row) => row.project_id !== PROJECT || row.is_deleted === 1);
  const isHidden = hidden.some((row) => {
    if (row.kind !== 'score') return Object.values((row.metadata ?? {}) as object).includes(event.id);
    const newest = events.find(
      (known) => markOfComment(known.event.body.comment) === markOfComment(row.comment),
    );
    return newest !== undefined && newest.event.timestamp >= event.timestamp;
  });
  if (isHidden) return 'clickhouse-hidden';
  if (!Object.values(s3).flat().includes(event.id)) return 'not-in-s3';
  if (jobs.some(({ state }) => state === 'failed')) return 'failed-set';
  return jobs.length > 0 ? 'queued' : 's3-only';
}

function subsets<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length }, (_, choice) =>
    items.filter((_, at) => (choice & (1 << at)) !== 0),
  );
}
