import type { CheckpointName } from '../history/run-record.ts';
import { Arrivals } from './arrival.ts';
import { type CheckpointHead, type Entity, keyOf, rowsAt } from './entity.ts';
import { type EntityEvent, entityEvents } from './entity-events.ts';
import { isHiddenIn, isLive, type Oddities, readRows } from './entity-rows.ts';
import { EventPath } from './event-path.ts';
import { StageFinder } from './find-stage.ts';
import type { Answer, JudgeContext, SentEvent } from './input.ts';
import type { Tally } from './tally.ts';
import { BAD_OUTCOMES, type FieldDifference, type Outcome, type Stage } from './verdict.ts';

const OUTCOME_WITHOUT_ENTITY = {
  acknowledged: 'absent-by-design',
  refused: 'refused',
  indeterminate: 'indeterminate-not-landed',
} as const satisfies Record<Answer, Outcome>;

/** Decides what became of each event of an entity, and counts it. */
export class EntityJudge {
  readonly #checkpoints: readonly CheckpointHead[];
  readonly #stages: readonly StageFinder[];
  readonly #arrivals: Arrivals;
  readonly #projectId: string;
  readonly #tally: Tally;
  /** The bits of all checkpoints. */
  readonly #everywhere: number;
  readonly #end: number;
  readonly #onReuse = (eventId: string) => this.#tally.doubt('event-id-reused', eventId);

  constructor(checkpoints: readonly CheckpointHead[], context: JudgeContext, tally: Tally) {
    this.#checkpoints = checkpoints;
    this.#stages = checkpoints.map((checkpoint) => new StageFinder(checkpoint));
    this.#arrivals = new Arrivals(checkpoints, context);
    this.#projectId = context.projectId;
    this.#tally = tally;
    this.#everywhere = (1 << checkpoints.length) - 1;
    this.#end = checkpoints.at(-1)?.at ?? Number.POSITIVE_INFINITY;
  }

  judge(entity: Entity): void {
    const tally = this.#tally;
    const events = entityEvents(entity.sends, this.#end, this.#onReuse);
    const oddities = readRows(entity, events, this.#projectId);
    if (events.length > 0) tally.countEntity();
    for (const send of entity.sends) tally.countSend(send);
    for (const event of events) {
      tally.countEvent(event);
      const isSteady = event.presentAt === this.#everywhere && event.alteredAt === 0;
      if (isSteady && event.answer === 'acknowledged' && this.#everywhere !== 0) {
        // Nearly all are: the same outcome at every checkpoint, and not worth a line.
        tally.countSteady(this.#arrivals.outcome(event, events, 0, false));
      } else {
        this.#follow(entity, event, events, oddities);
      }
    }
    if (oddities) this.#countOddities(entity, oddities);
  }

  /** Events that are never meant to be stored. */
  judgeWithoutEntity(sends: readonly SentEvent[]): void {
    for (const send of sends) this.#tally.countSend(send);
    for (const event of entityEvents(sends, this.#end, () => undefined)) {
      this.#tally.countEvent(event);
      this.#tally.countSteady(OUTCOME_WITHOUT_ENTITY[event.answer]);
    }
  }

  #follow(
    entity: Entity,
    event: EntityEvent,
    siblings: readonly EntityEvent[],
    oddities: Oddities | undefined,
  ): void {
    const path = new EventPath(
      event,
      this.#arrivals.firstSeen(event),
      this.#arrivals.overwriters(event, siblings),
    );
    const isAcknowledged = event.answer === 'acknowledged';
    const stages: Partial<Record<CheckpointName, Stage>> = {};
    let outcome: Outcome | undefined;
    let isWorthALine = false;
    let differences: readonly FieldDifference[] | undefined;
    for (const [at, { name, at: readAt }] of this.#checkpoints.entries()) {
      // What was sent later has no outcome yet; at the last checkpoint everything has one.
      if (event.sentAt >= readAt && at < this.#checkpoints.length - 1) continue;
      const step = path.step(at, readAt, name !== 'heal');
      outcome =
        step === 'whole' ? this.#arrivals.outcome(event, siblings, path.wholeSince, path.wasWanting) : step;
      this.#tally.countOutcome(at, outcome);
      const isMissing = (event.presentAt & (1 << at)) === 0;
      if (isMissing && (isAcknowledged || outcome === 'vanished')) {
        const isHidden = oddities?.hidden[at]?.some((row) => isHiddenIn(row, event, siblings)) ?? false;
        const stage = (this.#stages[at] as StageFinder).find(keyOf(entity), event, siblings, isHidden);
        stages[name] = stage;
        if (isAcknowledged) this.#tally.countMissing(at, stage);
      }
      if (path.alteredAt === at) differences = oddities?.differences[at];
      isWorthALine ||= isAcknowledged && name !== 'heal' && (isMissing || path.alteredAt === at);
    }
    if (outcome === undefined || !(isWorthALine || isBad(outcome))) return;
    const note = this.#noteOn(entity, path, stages);
    this.#tally.findings.add({
      outcome,
      entity: keyOf(entity),
      eventId: event.event.id,
      type: event.event.type,
      request: (event.sends[0] as SentEvent).request,
      sentAt: event.sentAt,
      stages,
      ...(differences && { differences }),
      ...(note !== '' && { note }),
    });
  }

  #noteOn(entity: Entity, path: EventPath, stages: Partial<Record<CheckpointName, Stage>>): string {
    const nameAt = (at: number) => (this.#checkpoints[at] as CheckpointHead).name;
    const last = this.#checkpoints.length - 1;
    const notes: string[] = [];
    if (path.goneAt !== undefined) {
      const seen = path.seenAt === undefined ? 'before the first checkpoint' : `at ${nameAt(path.seenAt)}`;
      notes.push(`Seen ${seen}, gone at ${nameAt(path.goneAt)}.`);
    }
    if (path.alteredAt !== undefined && path.alteredAt !== last) {
      notes.push(`Its content was not right at ${nameAt(path.alteredAt)}.`);
    }
    const rowWithout = this.#rowsWithout(entity, stages);
    if (rowWithout.includes(nameAt(last))) {
      notes.push('The entity has a row, but this event is not in it.');
    } else if (rowWithout.length > 0) {
      notes.push(`The entity had a row at ${rowWithout.join(' and ')}, but this event was not in it.`);
    }
    return notes.join(' ');
  }

  /** The checkpoints of a target at rest at which the entity had a row and a missing event was not in it: overwritten, or never merged into it. */
  #rowsWithout(entity: Entity, stages: Partial<Record<CheckpointName, Stage>>): CheckpointName[] {
    return this.#checkpoints.flatMap(({ name }, at) => {
      const isMissing = stages[name] !== undefined;
      const isAtRest = name !== 'heal' || at === this.#checkpoints.length - 1;
      return isMissing && isAtRest && rowsAt(entity, at).some((row) => isLive(row, this.#projectId))
        ? [name]
        : [];
    });
  }

  #countOddities(entity: Entity, oddities: Oddities): void {
    const tally = this.#tally;
    const entityKey = keyOf(entity);
    let isUnexpected = false;
    for (let at = 0; at < this.#checkpoints.length; at += 1) {
      const bit = 1 << at;
      // What nobody sent was written by someone, even if it is gone later.
      isUnexpected ||= (oddities.unexpectedAt & bit) !== 0;
      if (isUnexpected) tally.countOutcome(at, 'unexpected');
      if ((oddities.duplicatedAt & bit) !== 0) tally.countOutcome(at, 'duplicated');
    }
    if (oddities.unclearAt !== 0) tally.doubt('content-unclear', entityKey);
    if (isUnexpected) {
      tally.findings.add({
        outcome: 'unexpected',
        entity: entityKey,
        stages: {},
        note: oddities.unexpectedNote,
      });
    }
    if ((oddities.duplicatedAt & (1 << (this.#checkpoints.length - 1))) !== 0) {
      tally.findings.add({
        outcome: 'duplicated',
        entity: entityKey,
        stages: {},
        note: oddities.duplicatedNote,
      });
    }
  }
}

function isBad(outcome: Outcome): boolean {
  return (BAD_OUTCOMES as readonly Outcome[]).includes(outcome);
}
