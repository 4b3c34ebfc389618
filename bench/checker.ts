import { parseArgs } from 'node:util';
import { createRandom } from '../src/base/random.ts';
import type { JudgeContext, SentEvent, StoredRow } from '../src/checker/input.ts';
import { createJudge, type RunPart } from '../src/checker/judge.ts';
import type { Verdict } from '../src/checker/verdict.ts';
import { CHECKPOINT_NAMES } from '../src/history/run-record.ts';
import { entityOf, type IngestionEvent } from '../src/langfuse/events.ts';
import { generateTraffic } from '../src/traffic/generated/generator.ts';
import { landedRow } from '../test/support/landed-rows.ts';

/** What the benchmark measured. */
export interface CheckerFigures {
  readonly events: number;
  readonly entities: number;
  /** Rows that were compared, at all checkpoints. */
  readonly rows: number;
  /** Seconds in the checker by the clock, its garbage collection included. */
  readonly seconds: number;
  /** CPU seconds of all threads in the same time: what it takes when nothing else runs on the machine, at most. */
  readonly cpuSeconds: number;
  /** Most memory that the process held, in bytes: the checker, the part at hand, and the template of the parts. */
  readonly peakRss: number;
}

const PROJECT = 'bench';
const START = Date.UTC(2025, 2, 10, 6);
/** Events of one part. Small, as a reader that goes through sorted files would give them: what was just parsed is then still in the processor's cache. */
const PART = 500;
/** Stands in the template for what makes the ids of a part its own; of one length, so that texts can be cut at fixed places. */
const PLACEHOLDER = 'part000000';

/**
 * Judges runs of the generator's own traffic at all four checkpoints: traces, spans, generations, events and scores,
 * two events per entity on average, nested metadata, 200 bytes of input or output at the median; one request in
 * 50 missing at the first three checkpoints and brought back by the replay.
 *
 * Inside the time: grouping events and rows by entity, finding out which events a row holds, merging, comparing every column
 * of every row, outcomes, stages, and the verdict. Outside: reading and parsing of files (here JSON text), which
 * hands the checker fresh objects, part by part. One thread.
 */
export function benchChecker(sizes = [1_000_000, 10_000_000]): Promise<CheckerFigures[]> {
  const template = makeTemplate();
  judgeRun(template, 2);
  return Promise.resolve(sizes.map((events) => judgeRun(template, Math.ceil(events / template.events))));
}

interface Template {
  readonly text: string;
  readonly events: number;
}

interface Part {
  readonly events: SentEvent[];
  readonly rows: StoredRow[][];
  readonly s3: Record<string, string[]>;
}

function judgeRun(template: Template, parts: number): CheckerFigures {
  const at = START + 600_000;
  const s3: Record<string, readonly string[]> = {};
  const checkpoints = CHECKPOINT_NAMES.map((name, index) => ({
    name,
    at: at + index * 60_000,
    jobs: [],
    failedSet: 0,
    s3,
  }));
  let seconds = 0;
  let cpuSeconds = 0;
  let rows = 0;
  let peakRss = 0;
  const timed = <T>(work: () => T): T => {
    const cpuAtStart = process.cpuUsage();
    const startedAt = performance.now();
    const result = work();
    seconds += (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpuAtStart);
    cpuSeconds += (user + system) / 1e6;
    return result;
  };
  const judge = timed(() => createJudge(checkpoints, context()));
  for (let number = 0; number < parts; number += 1) {
    const part = JSON.parse(
      template.text.replaceAll(PLACEHOLDER, `part${String(number).padStart(6, '0')}`),
    ) as Part;
    for (const entity of Object.keys(s3)) delete s3[entity];
    Object.assign(s3, part.s3);
    timed(() => judge.add(part as RunPart));
    rows += part.rows.reduce((sum, { length }) => sum + length, 0);
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
  }
  const verdict = timed(() => judge.verdict());
  check(verdict, parts * template.events);
  const { events, entities } = verdict.counts;
  return { events, entities, rows, seconds, cpuSeconds, peakRss };
}

/** A benchmark of a checker that finds nothing, or the wrong thing, is worth nothing. */
function check({ verdict, counts, checkpoints, sentence }: Verdict, events: number): void {
  const lostAtHeal = checkpoints[0]?.outcomes.lost ?? 0;
  const recovered = checkpoints[3]?.outcomes['recovered-by-replay'] ?? 0;
  if (verdict !== 'pass' || counts.events !== events || lostAtHeal === 0 || recovered !== lostAtHeal) {
    throw new Error(`the checker did not judge the run as it should: ${sentence}`);
  }
}

function context(): JudgeContext {
  return {
    run: 'bench',
    scenario: 'bench',
    seed: '1',
    projectId: PROJECT,
    visibilityBudgetMs: 30_000,
    firstSeen: firstSeenSoon(),
    faults: [],
    probes: [],
    expectations: [],
    recovery: ['retry failed jobs', 'replay from S3'],
    doubts: [],
  };
}

/** Every event was seen two seconds after the start, except those that were lost at first. */
function firstSeenSoon(): JudgeContext['firstSeen'] {
  const seen = new Map(Array.from({ length: PART }, (_, mark) => [mark, START + 2000]));
  for (const mark of lostMarks) seen.delete(mark);
  return seen;
}

const lostMarks = new Set<number>();

/** One part as JSON text, as it would lie in files: its events, its rows at each checkpoint, and what S3 holds of what is missing. */
function makeTemplate(): Template {
  const traffic = generateTraffic(
    { kind: 'generated', rate: 1000, duration: PART / 1000, maxBatch: 40, maxBytes: 1_000 },
    createRandom('bench'),
  );
  const events: SentEvent[] = [];
  const byEntity = new Map<string, IngestionEvent[]>();
  const lost = new Set<string>();
  let request = 0;
  for (const { body, at } of traffic.requests) {
    const { batch } = JSON.parse(body) as { batch: IngestionEvent[] };
    const sentAt = START + Math.floor(at);
    for (const [index, event] of batch.entries()) {
      events.push({ event, request, index, answer: 'acknowledged', sentAt, answeredAt: sentAt + 20 });
      const entity = entityOf(event) as string;
      byEntity.set(entity, [...(byEntity.get(entity) ?? []), event]);
      if (request % 50 === 7) lost.add(entity);
    }
    request += 1;
  }
  const s3: Record<string, string[]> = {};
  for (const entity of lost) {
    const ids = (byEntity.get(entity) as IngestionEvent[]).map(({ id }) => id);
    s3[entity] = ids;
    for (const sent of events) {
      if (ids.includes(sent.event.id)) lostMarks.add(events.indexOf(sent));
    }
  }
  const rows = [...byEntity].map(([entity, ofEntity]) => ({
    entity,
    row: landedRow(ofEntity, PROJECT, START + 2000),
  }));
  const landed = (isWhole: boolean) =>
    rows.filter(({ entity }) => isWhole || !lost.has(entity)).map(({ row }) => row);
  const part: Part = { events, rows: [landed(false), landed(false), landed(false), landed(true)], s3 };
  // The generator begins every id with a tag of the seed's own.
  const tag = /^[0-9a-f]{12}/.exec(events[0]?.event.id ?? '')?.[0];
  if (!tag) throw new Error('the generator no longer begins ids with twelve hexadecimal digits');
  return { text: JSON.stringify(part).replaceAll(tag, PLACEHOLDER), events: events.length };
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const sizes = positionals.length > 0 ? positionals.map(Number) : undefined;
  for (const { events, entities, rows, seconds, cpuSeconds, peakRss } of await benchChecker(sizes)) {
    console.log(
      `${events.toLocaleString('en')} events, ${entities.toLocaleString('en')} entities, ${rows.toLocaleString('en')} rows: ` +
        `${seconds.toFixed(2)} s in the checker, ${cpuSeconds.toFixed(2)} s of CPU time, peak RSS ${Math.round(peakRss / 2 ** 20)} MiB`,
    );
  }
}
