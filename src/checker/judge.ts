import { CHECKPOINT_NAMES } from '../history/run-record.ts';
import { type EntityKind, entityKindOf } from '../langfuse/events.ts';
import type { CheckpointHead } from './entity.ts';
import { EntityJudge } from './entity-judge.ts';
import { checkExpectations } from './expectations.ts';
import type { Checkpoint, JudgeContext, SentEvent, StoredRow } from './input.ts';
import { findReasons, verdictOf } from './reasons.ts';
import { explainVerdict } from './sentence.ts';
import { Tally } from './tally.ts';
import type { CheckpointSummary, Verdict } from './verdict.ts';

/**
 * Judges a run: what became of each event that was sent, at each checkpoint, and so whether it passes. Pure: the
 * same input gives the same verdict. Holds all events and rows in memory; see {@link createJudge} for runs that are too large.
 *
 * @throws RangeError when a checkpoint is given twice
 */
export function judge(
  events: Iterable<SentEvent>,
  checkpoints: readonly Checkpoint[],
  context: JudgeContext,
): Verdict {
  const position = ({ name }: Checkpoint) => CHECKPOINT_NAMES.indexOf(name);
  const sorted = checkpoints.toSorted((a, b) => position(a) - position(b));
  const judge = createJudge(sorted, context);
  judge.add({ events, rows: sorted.map((checkpoint) => checkpoint.rows) });
  return judge.verdict();
}

/** A part of a run that can be judged by itself: whatever belongs to one entity is in one part. */
export interface RunPart {
  /** In any order. An event that was sent several times comes several times. */
  readonly events: Iterable<SentEvent>;
  /** Rows by checkpoint, in the order of the checkpoints; within each in any order. */
  readonly rows: readonly Iterable<StoredRow>[];
}

/** Judges a run part by part: memory holds one part at a time, and findings up to a limit. */
export interface RunJudge {
  add(part: RunPart): void;
  /** Call once, after the last part. */
  verdict(): Verdict;
}

/**
 * Starts to judge a run that is given in parts. Entities are judged one by one, so a run of any size can be
 * split by entity ({@link partOf} says how) into parts that fit in memory, for example by writing history and rows to one
 * file per part first. An entity that is spread over several parts is not overlooked: it is found missing or altered.
 *
 * @param checkpoints in their order, without their rows
 * @throws RangeError when they are not in their order, or one is there twice
 */
export function createJudge(checkpoints: readonly CheckpointHead[], context: JudgeContext): RunJudge {
  const places = checkpoints.map(({ name }) => CHECKPOINT_NAMES.indexOf(name));
  if (places.some((place, at) => at > 0 && place <= (places[at - 1] as number))) {
    throw new RangeError('checkpoints must come in their order, each once');
  }
  const tally = new Tally(checkpoints.length);
  const entityJudge = new EntityJudge(checkpoints, context, tally);
  return {
    add: (part) => judgePart(part, entityJudge, context.projectId),
    verdict: () => conclude(checkpoints, context, tally),
  };
}

/**
 * Which of `parts` parts an entity belongs to, 0 to `parts − 1`, evenly spread. An event without an entity goes
 * by its own id.
 */
export function partOf(id: string, parts: number): number {
  // FNV-1a.
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % parts;
}

/** What is gathered for one entity while a part is read. */
class GatheredEntity {
  readonly kind: EntityKind;
  readonly id: string;
  readonly sends: SentEvent[] = [];
  readonly rows: (StoredRow | StoredRow[] | undefined)[];
  /** Whose row came after this one's at the last checkpoint that was read. */
  next: GatheredEntity | undefined = undefined;

  constructor(kind: EntityKind, id: string, checkpoints: number) {
    this.kind = kind;
    this.id = id;
    this.rows = new Array(checkpoints);
  }

  addRow(row: StoredRow, checkpoint: number): void {
    const known = this.rows[checkpoint];
    if (known === undefined) this.rows[checkpoint] = row;
    else if (Array.isArray(known)) known.push(row);
    else this.rows[checkpoint] = [known as StoredRow, row];
  }
}

/** The entities of a part. */
class GatheredEntities {
  readonly #traces = new Map<string, GatheredEntity>();
  readonly #observations = new Map<string, GatheredEntity>();
  readonly #scores = new Map<string, GatheredEntity>();
  readonly #checkpoints: number;

  constructor(checkpoints: number) {
    this.#checkpoints = checkpoints;
  }

  find(kind: EntityKind, id: string): GatheredEntity | undefined {
    return this.#of(kind).get(id);
  }

  findOrAdd(kind: EntityKind, id: string): GatheredEntity {
    const ofKind = this.#of(kind);
    const known = ofKind.get(id);
    if (known) return known;
    const entity = new GatheredEntity(kind, id, this.#checkpoints);
    ofKind.set(id, entity);
    return entity;
  }

  *all(): Generator<GatheredEntity> {
    yield* this.#traces.values();
    yield* this.#observations.values();
    yield* this.#scores.values();
  }

  #of(kind: EntityKind): Map<string, GatheredEntity> {
    if (kind === 'observation') return this.#observations;
    return kind === 'trace' ? this.#traces : this.#scores;
  }
}

function judgePart({ events, rows }: RunPart, entityJudge: EntityJudge, projectId: string): void {
  const entities = new GatheredEntities(rows.length);
  const withoutEntity = new Map<string, SentEvent[]>();
  for (const sent of events) {
    const { type, body, id: eventId } = sent.event;
    const kind = entityKindOf(type);
    const id = body.id;
    if (kind && typeof id === 'string' && id !== '') {
      entities.findOrAdd(kind, id).sends.push(sent);
    } else {
      const known = withoutEntity.get(eventId);
      if (known) known.push(sent);
      else withoutEntity.set(eventId, [sent]);
    }
  }
  for (const [checkpoint, found] of rows.entries()) gatherRows(entities, found, checkpoint, projectId);
  for (const entity of entities.all()) entityJudge.judge(entity);
  for (const sends of withoutEntity.values()) entityJudge.judgeWithoutEntity(sends);
}

function gatherRows(
  entities: GatheredEntities,
  rows: Iterable<StoredRow>,
  checkpoint: number,
  projectId: string,
): void {
  let last: GatheredEntity | undefined;
  for (const row of rows) {
    const { id, kind } = row;
    // Rows come in about the same order each time: comparing with the likeliest is faster than looking up.
    let entity = last?.next;
    if (!entity || entity.id !== id || entity.kind !== kind) entity = entities.find(kind, id);
    // Rows that others wrote into their own projects, and what is deleted, are none of the run's business.
    if (!entity && row.project_id === projectId && row.is_deleted === 0)
      entity = entities.findOrAdd(kind, id);
    if (!entity) continue;
    entity.addRow(row, checkpoint);
    if (last) last.next = entity;
    last = entity;
  }
}

function conclude(checkpoints: readonly CheckpointHead[], context: JudgeContext, tally: Tally): Verdict {
  const summaries: CheckpointSummary[] = checkpoints.map(({ name, at, failedSet }, index) => ({
    name,
    at,
    ...tally.summaryOf(index, name),
    failedSet,
  }));
  const counts = tally.counts;
  const expectations = checkExpectations(context.expectations, summaries, context.probes, context.runbook);
  const doubts = [...context.doubts, ...tally.doubts()];
  const reasons = findReasons({ counts, checkpoints: summaries, expectations, context, doubts });
  const verdict = verdictOf(reasons);
  const { findings, leftOut } = tally.findings.list();
  return {
    version: 1,
    run: context.run,
    scenario: context.scenario,
    seed: context.seed,
    verdict,
    sentence: explainVerdict(
      verdict,
      reasons,
      counts,
      summaries.at(-1),
      context.recoveredInTraffic,
      context.expectations,
    ),
    reasons,
    counts,
    checkpoints: summaries,
    expectations: expectations.map(({ text, held, seen, kind }) => ({ text, held, seen, kind })),
    findings,
    ...(leftOut > 0 && { findingsLeftOut: leftOut }),
  };
}
