import type { IngestionEvent } from './events.ts';
import type { TimeRange } from './expected-row.ts';
import { MergedMetadata } from './merge-metadata.ts';
import { NOT_COMPARED } from './not-compared.ts';
import { contentOf, type Text, textOf } from './span-text.ts';
import { parseTime } from './time-text.ts';

/**
 * What the compared columns of a row of `traces` must hold that the worker made of spans (`createTraceEvent` in
 * `packages/shared/src/server/otel/OtelIngestionProcessor.ts`, `processTraceEventList` in `worker/src/services/IngestionService/index.ts`, read at
 * v3.225.4; alike at v4.16.0). Only the root says all of them; where there is none, what is left is compared.
 *
 * In which order the events of a trace are merged depends on which request was worked off first and on the starts of its spans, and a span
 * that says nothing of its trace makes an event or not, depending on whether the trace was seen lately. So a column is compared where all
 * orders lead to the same: where those that set it agree. A name, a user, a session, an input or an output that is absent leaves what was there;
 * a release or a version that is absent overwrites; the tags are united; whether it is public is set by all, also by those that say
 * nothing; the time is fixed by the first, and so lies between the starts of all. Metadata is compared where the root alone says something of
 * the trace: others overwrite what it holds of resource and scope.
 */
export interface ExpectedTraceColumns {
  readonly timestamp?: number | TimeRange;
  readonly environment?: Text;
  readonly public?: boolean | typeof NOT_COMPARED;
  readonly name?: Text;
  readonly user_id?: Text;
  readonly session_id?: Text;
  readonly release?: Text;
  readonly version?: Text;
  readonly tags?: readonly string[] | typeof NOT_COMPARED;
  readonly metadata?: MergedMetadata | typeof NOT_COMPARED;
  readonly input?: Text;
  readonly output?: Text;
}

type Body = IngestionEvent['body'];

/** @param bodies of events of the type `otel-trace`, at least one */
export function traceColumnsOf(bodies: readonly Body[]): ExpectedTraceColumns {
  const starts = bodies.map(({ timestamp }) => parseTime(timestamp));
  const [from, to] = [Math.min(...starts), Math.max(...starts)];
  const ofAll: ExpectedTraceColumns = {
    timestamp: from === to ? from : { from, to },
    environment: agreed(bodies.map(({ environment }) => textOf(environment))),
    public: agreed(bodies.map(({ isPublic }) => isPublic === true)),
  };
  const root = bodies.find(({ isRoot }) => isRoot === true);
  if (!root) return ofAll;
  const others = bodies.filter((body) => body !== root && body.says === true);
  const kept = (key: string, read = textOf) =>
    agreed([root, ...others.filter((body) => body[key] !== undefined)].map((body) => read(body[key])));
  const overwritten = (key: string) => agreed([root, ...others].map((body) => textOf(body[key])));
  return {
    ...ofAll,
    name: agreed(
      [root, ...others.filter(({ traceName }) => traceName !== null)].map((body) => textOf(body.traceName)),
    ),
    user_id: kept('userId'),
    session_id: kept('sessionId'),
    release: overwritten('release'),
    version: overwritten('version'),
    tags: agreedTags([root, ...others]),
    metadata: others.length === 0 ? storedMetadata(root.metadata as object) : NOT_COMPARED,
    input: kept('input', contentOf),
    output: kept('output', contentOf),
  };
}

/** The one value that all of them are. */
function agreed<Value>(values: readonly Value[]): Value | typeof NOT_COMPARED {
  const [first] = values as readonly [Value];
  return values.every((value) => value === first) ? first : NOT_COMPARED;
}

/** Sorted, each once. */
function agreedTags(bodies: readonly Body[]): readonly string[] | typeof NOT_COMPARED {
  const sets = bodies.map(({ tags }) => [...new Set(tags as readonly string[])].sort());
  return agreed(sets.map((tags) => JSON.stringify(tags))) === NOT_COMPARED ? NOT_COMPARED : (sets[0] ?? []);
}

/** Each value of the uppermost level as text. */
function storedMetadata(metadata: object): MergedMetadata {
  return new MergedMetadata(Object.keys(metadata), Object.values(metadata));
}
