import fc from 'fast-check';
import type { EntityKind, EventType, IngestionEvent } from '../../langfuse/events.ts';
import type { Answer, Checkpoint, SentEvent, StoredRow } from '../input.ts';
import { checkpoint, event, START, storedTime } from './build.ts';
import { contentText, possibleRows, storedRow, storingSends } from './slow-rows.ts';

/** A small random run about one entity. */
export interface SmallRun {
  readonly kind: EntityKind;
  readonly sends: readonly SentEvent[];
  readonly checkpoints: readonly Checkpoint[];
}

const name = fc.option(fc.constantFrom('a', 'b', ''), { nil: null });
const word = fc.constantFrom('x', 'y');
const metadataValue = fc.oneof(
  word,
  fc.constantFrom(1, true, null),
  fc.array(fc.constantFrom(1, 'z'), { maxLength: 2 }),
  fc.dictionary(word, fc.oneof(fc.constant(2), fc.dictionary(word, fc.constant(3), { maxKeys: 1 })), {
    maxKeys: 2,
  }),
);
const metadata = fc.dictionary(fc.constantFrom('k', 'l'), metadataValue, { maxKeys: 2 });
const content = fc.constantFrom<unknown>('text', '', 0, false, null, { a: 1 }, [1, 2]);
const seconds = fc.integer({ min: 0, max: 3 }).map((n) => new Date(START + n * 1000).toISOString());
const environment = fc.constantFrom('default', 'prod');

/** Fields that may be absent; a key that is absent is not the same as null. */
const partial = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

const BODIES: Readonly<Record<EntityKind, fc.Arbitrary<Record<string, unknown>>>> = {
  trace: partial<Record<string, unknown>>({
    name,
    userId: name,
    public: fc.option(fc.boolean(), { nil: null }),
    tags: fc.array(word, { maxLength: 2 }),
    timestamp: seconds,
    environment,
    metadata,
    input: content,
    output: content,
  }),
  observation: partial<Record<string, unknown>>({
    name,
    level: fc.option(fc.constantFrom('ERROR', 'DEBUG'), { nil: null }),
    statusMessage: name,
    startTime: seconds,
    endTime: fc.option(seconds, { nil: null }),
    environment,
    metadata,
    input: content,
    usageDetails: fc.constantFrom({}, { input: 1, output: 2 }, { total: 5 }, { cached: 4 }),
  }).map((body) => ({ ...body, traceId: 't' })),
  score: fc
    .tuple(
      fc.constantFrom(0.5, 1, 'good', 'bad'),
      partial<Record<string, unknown>>({ observationId: name, environment }),
      word,
    )
    .map(([value, body, traceId]) => ({ ...body, value, traceId, name: 'tone' })),
};

const TYPES: Readonly<Record<EntityKind, fc.Arbitrary<EventType>>> = {
  trace: fc.constant('trace-create'),
  observation: fc.constantFrom('generation-create', 'generation-update'),
  score: fc.constant('score-create'),
};

const kind = fc.constantFrom<EntityKind>('trace', 'observation', 'score');
const answer = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Answer>('acknowledged') },
  fc.constantFrom<Answer>('indeterminate', 'refused'),
);

/** One to three events of one entity, in one to three requests that may overlap; some are sent twice. */
export function someSends(
  of: EntityKind,
  answers: fc.Arbitrary<Answer> = answer,
): fc.Arbitrary<readonly SentEvent[]> {
  const one = fc.record({
    type: TYPES[of],
    body: BODIES[of],
    at: fc.integer({ min: 0, max: 3 }),
    requests: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 2 }),
  });
  return fc
    .tuple(
      fc.array(one, { minLength: 1, maxLength: 3 }),
      fc.array(answers, { minLength: 9, maxLength: 9 }),
      slowRequests,
    )
    .map(([events, given, slow]) =>
      events.flatMap(({ type, body, at, requests }, n) => {
        const ingested: IngestionEvent = event(n + 1, type, { id: 'it', ...body }, at);
        return requests.map((request): SentEvent => {
          const sentAt = START + request * 1000;
          const answeredAt = sentAt + (slow[request] ? 2500 : 100);
          return {
            event: ingested,
            request,
            index: n,
            answer: given[n * 3 + request] ?? 'acknowledged',
            sentAt,
            answeredAt,
          };
        });
      }),
    );
}

const slowRequests = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 });

/** A row that some of the events may have left behind. */
function someRow(of: EntityKind, sends: readonly SentEvent[]): fc.Arbitrary<StoredRow> {
  const ids = [...new Set(sends.map((send) => send.event.id))];
  return fc
    .tuple(
      fc.subarray(ids, { minLength: 1 }),
      fc.nat(),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([chosen, which, fate, age]) => {
      const included = storingSends(sends.filter((send) => chosen.includes(send.event.id)));
      const possible = [...possibleRows(of, included)].sort();
      const text = possible[which % possible.length] as string;
      const row = storedRow(text, 'it', { event_ts: storedTime(age) });
      // Which of several scores an altered row is nearest to is not for the slow judge to say.
      if (fate === 0 && (of !== 'score' || ids.length === 1)) return { ...row, environment: 'altered' };
      if (fate === 1) return { ...row, is_deleted: 1 };
      return fate === 2 ? { ...row, project_id: 'other' } : row;
    });
}

/** Runs in which anything may have happened to the entity between the checkpoints. */
export const smallRun: fc.Arbitrary<SmallRun> = kind.chain((of) =>
  someSends(of).chain((sends) => {
    const ids = [...new Set(sends.map((send) => send.event.id))];
    // Which of two scores each of two rows lacks can be open, and then whether one is in neither.
    const rows = fc.array(someRow(of, sends), { maxLength: of === 'score' ? 1 : 2 }).filter(haveOwnAges);
    const job = fc.record({
      entity: fc.constant(`${of}/it` as const),
      state: fc.constantFrom('waiting' as const, 'failed' as const),
    });
    const sources = fc.record({
      jobs: fc.array(job, { maxLength: 2 }),
      s3: fc.subarray(ids).map((held) => ({ [`${of}/it`]: held })),
    });
    const names = fc.subarray(['heal', 'after-retry', 'after-replay'] as const);
    return fc
      .tuple(names, fc.array(fc.tuple(rows, sources), { minLength: 4, maxLength: 4 }))
      .map(([others, readings]) => ({
        kind: of,
        sends,
        checkpoints: (['heal', 'settled', 'after-retry', 'after-replay'] as const)
          .filter((each) => each === 'settled' || (others as readonly string[]).includes(each))
          .map((each, at) => checkpoint(each, readings[at]?.[0] ?? [], readings[at]?.[1] ?? {})),
      }));
  }),
);

/** Of two rows of one age neither is the newer. */
function haveOwnAges(rows: readonly StoredRow[]): boolean {
  return new Set(rows.map((row) => row.event_ts)).size === rows.length;
}

/** Runs in which Langfuse did everything right: acknowledged events, and a row that all of them may have left behind. */
export const rightRun: fc.Arbitrary<SmallRun & { readonly row: StoredRow }> = kind.chain((of) =>
  fc.tuple(someSends(of, fc.constant('acknowledged')), fc.nat()).map(([sends, which]) => {
    const possible = [...possibleRows(of, sends)].sort();
    const row = storedRow(possible[which % possible.length] as string, 'it');
    return { kind: of, sends, row, checkpoints: [checkpoint('heal', [row]), checkpoint('settled', [row])] };
  }),
);

/** Whether these events could have left the row behind in some way. */
export function couldBe(row: StoredRow, sends: readonly SentEvent[]): boolean {
  return possibleRows(row.kind, sends).has(contentText(row));
}
