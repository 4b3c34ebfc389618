import { request } from 'undici';
import { type Clock, systemClock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Target } from '../../langfuse/access.ts';
import type { QueuedJob } from '../../langfuse/queued-jobs.ts';
import type { SeenAnswer } from '../guard.ts';
import { type Dependency, endsOf, type Link } from '../stack.ts';

/** What a witness looks with. */
export interface WitnessTools {
  readonly target: Target;
  /** Whether the file has the worker's address. */
  readonly knowsWorker: boolean;
  /** Redis's, as the file has it. */
  readonly redisPort: string;
  /** Bytes of the connections over a link that have ended so far; undefined where nobody counts them. */
  readonly endedBytes: (link: Link) => Promise<number | undefined>;
  readonly clock?: Clock;
}

/** Milliseconds between two looks: each asks a target that others use. */
const LOOK_EVERY_MS = 1000;
const QUESTION_TIMEOUT_MS = 5000;
/** Questions before a fault, to know how fast an answer is without it. */
const QUESTIONS_BEFORE = 3;
/**
 * An answer is slow when it takes this many times as long as the slowest before, and this many milliseconds more. Others work with the
 * target too, so one alone shows nothing: it is asked again at once.
 */
const SLOW_FACTOR = 3;
const SLOW_MORE_MS = 300;
/**
 * Looks one after another before each of which connections must have ended. A connection is counted when it ends, with what went over it
 * before the fault as well: one that was idle may end at any moment, but under traffic only those end all the time that are opened for each exchange.
 */
const ENDINGS = 3;
const LONGEST_QUOTE = 160;

const NETWORK =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|socket hang up|time(?:d )?-?out|terminated/i;

/** What names another dependency than ClickHouse. */
const OTHERS =
  /\bS3\b|blob storage|prisma|database server|postgres|redis|max retries per request|command timed out/i;

/** What the last error of a job says when the worker did not reach a dependency; of Redis no job can say it. */
const JOB_ERRORS: Readonly<Partial<Record<Dependency, (reason: string, redisPort: string) => boolean>>> = {
  // It is named in none of its own errors.
  clickhouse: (reason, redisPort) =>
    NETWORK.test(reason) && !OTHERS.test(reason) && !new RegExp(`:${redisPort}\\b`).test(reason),
  s3: (reason) => /\bS3\b|blob storage/i.test(reason),
  postgres: (reason) => /prisma|database server|postgres/i.test(reason),
};

/**
 * What an answer to traffic says when the web did not reach a dependency: that of `/api/public/ingestion` (`processEventBatch.ts`) at v3.36.0, from
 * v3.63.1 on, where that one no longer names anything, that of OTLP (`StorageService.ts`: "Failed to upload JSON to S3").
 */
const ANSWERS: Readonly<Partial<Record<Dependency, RegExp>>> = {
  s3: /\bS3\b|blob storage/i,
  redis: /Stream isn't writeable|Connection is closed|max retries per request/i,
};

/**
 * What is known, from outside, of whether a process met a fault. A target's processes keep no notes for us, so it is known by what they
 * could not do: a job that failed since with the error of that dependency; an answer to the traffic that names it; a question
 * of ours, answered well before, that the process has to ask that dependency about, and that is now refused, or far slower; and by connections
 * that went through Toxiproxy. Nothing is guessed: what shows none of it leaves the fault unfelt, and the run unknown.
 */
export class Witness {
  readonly #tools: WitnessTools;
  readonly #clock: Clock;
  #jobs: () => AsyncIterable<QueuedJob> = async function* () {};
  readonly #cases = new Map<Link, Case>();

  constructor(tools: WitnessTools) {
    this.#tools = tools;
    this.#clock = tools.clock ?? systemClock;
  }

  watchJobs(jobs: () => AsyncIterable<QueuedJob>): void {
    this.#jobs = jobs;
  }

  answered(answer: SeenAnswer): void {
    for (const [link, { answers }] of this.#cases) {
      const { from, to } = endsOf(link);
      if (from === 'web' && (answer.status ?? 500) >= 500 && ANSWERS[to]?.test(answer.text))
        answers.push(answer);
    }
  }

  /** Looks how the target is without a fault that is about to be injected on a link. */
  async before(link: Link): Promise<void> {
    const attempts = new Map<string, number>();
    for await (const { id, attemptsMade } of this.#jobs()) attempts.set(id, attemptsMade);
    const question = await this.#answeredWell(questionsFor(link, this.#tools));
    this.#cases.set(link, {
      attempts,
      answers: [],
      ...(question && { question }),
      bytes: await this.#tools.endedBytes(link),
      endings: 0,
      lookedAt: Number.NEGATIVE_INFINITY,
    });
  }

  /** By what it is known that the process at the near end meets the fault; undefined: by nothing yet. */
  async met(link: Link): Promise<string | undefined> {
    const seen = this.#cases.get(link);
    if (!seen) return undefined;
    const [answer] = seen.answers;
    if (answer)
      return `the ${endsOf(link).from} answered ${answer.status ?? 'nothing'}: "${quote(answer.text)}"`;
    const now = this.#clock.now();
    if (now - seen.lookedAt < LOOK_EVERY_MS) return undefined;
    seen.lookedAt = now;
    return (
      (await this.#failedJob(link, seen)) ?? (await this.#badAnswer(seen)) ?? (await this.#ended(link, seen))
    );
  }

  /** The first question that is answered well each time: another one shows nothing under the fault. */
  async #answeredWell(questions: readonly Question[]): Promise<AnsweredQuestion | undefined> {
    for (const question of questions) {
      const times: number[] = [];
      while (times.length < QUESTIONS_BEFORE) {
        const answer = await this.#ask(question);
        if (!isWell(answer)) break;
        times.push(answer.tookMs);
      }
      if (times.length === QUESTIONS_BEFORE) return { ...question, slowest: Math.max(...times) };
    }
    return undefined;
  }

  async #failedJob(link: Link, { attempts }: Case): Promise<string | undefined> {
    const { from, to } = endsOf(link);
    const isOf = JOB_ERRORS[to];
    if (from !== 'worker' || !isOf) return undefined;
    for await (const { id, state, attemptsMade, failedReason } of this.#jobs()) {
      if (state !== 'delayed' && state !== 'failed') continue;
      if (failedReason && attemptsMade > (attempts.get(id) ?? 0) && isOf(failedReason, this.#tools.redisPort))
        return `a job of the worker failed since with "${quote(failedReason)}"`;
    }
    return undefined;
  }

  async #badAnswer({ question }: Case): Promise<string | undefined> {
    if (!question) return undefined;
    const first = await this.#ask(question);
    if (!isBad(first, question)) return undefined;
    const second = await this.#ask(question);
    if (!isBad(second, question)) return undefined;
    const text = `the ${question.of} answered ${question.name}`;
    if (!isWell(second)) return `${text} with ${second.status ?? `nothing: ${second.text}`}, and well before`;
    return `${text} after ${first.tookMs} ms and again ${second.tookMs} ms, and within ${question.slowest} ms before`;
  }

  async #ended(link: Link, seen: Case): Promise<string | undefined> {
    const bytes = await this.#tools.endedBytes(link);
    const grown = bytes !== undefined && seen.bytes !== undefined && bytes > seen.bytes;
    seen.bytes = bytes ?? seen.bytes;
    seen.endings = grown ? seen.endings + 1 : 0;
    return seen.endings < ENDINGS
      ? undefined
      : `connections over ${link} went through Toxiproxy and ended before each of ${ENDINGS} looks one after another`;
  }

  async #ask({ url }: Question): Promise<Asked> {
    const { publicKey, secretKey } = this.#tools.target;
    const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
    const startedAt = this.#clock.now();
    const took = () => this.#clock.now() - startedAt;
    try {
      const response = await request(url, {
        headers: { authorization },
        signal: AbortSignal.timeout(QUESTION_TIMEOUT_MS),
      });
      const text = await response.body.text();
      return { status: response.statusCode, text, tookMs: took() };
    } catch (error) {
      return { text: messageOf(error), tookMs: took() };
    }
  }
}

/** What was known before a fault on a link, and what was seen under it. */
interface Case {
  /** Of each job. */
  readonly attempts: ReadonlyMap<string, number>;
  readonly answers: SeenAnswer[];
  readonly question?: AnsweredQuestion;
  bytes: number | undefined;
  endings: number;
  lookedAt: number;
}

interface Question {
  readonly of: 'web' | 'worker';
  readonly name: string;
  readonly url: string;
}

/** One that was answered well before the fault. */
interface AnsweredQuestion extends Question {
  /** Milliseconds */
  readonly slowest: number;
}

interface Asked extends SeenAnswer {
  readonly tookMs: number;
}

/** What a process has to ask a dependency about, and that changes nothing; none where there is nothing of the kind. */
function questionsFor(link: Link, { target, knowsWorker }: WitnessTools): readonly Question[] {
  const { from, to } = endsOf(link);
  const ask = (of: 'web' | 'worker', path: string): Question => ({
    of,
    name: `GET ${path}`,
    url: `${of === 'web' ? target.url : target.workerUrl}${path}`,
  });
  // The write mode `events_only`, v4's default, has the second alone, and v3 the first.
  if (from === 'web' && to === 'clickhouse')
    return ['traces', 'v2/observations'].map((path) => ask('web', `/api/public/${path}?limit=1`));
  if (from === 'web' && to === 'postgres')
    return [ask('web', '/api/public/health?failIfDatabaseUnavailable=true')];
  // It asks Redis and Postgres, and neither S3 nor ClickHouse.
  if (from === 'worker' && (to === 'redis' || to === 'postgres') && knowsWorker)
    return [ask('worker', '/api/health')];
  return [];
}

function isWell({ status }: Asked): boolean {
  return status !== undefined && status < 300;
}

/** Whether the answer is one that the process would not have given before: an error of its own, none, or one that came far later. */
function isBad(answer: Asked, { slowest }: AnsweredQuestion): boolean {
  if (!isWell(answer)) return answer.status === undefined || answer.status >= 500;
  return answer.tookMs >= slowest * SLOW_FACTOR + SLOW_MORE_MS;
}

function quote(text: string): string {
  return text.slice(0, LONGEST_QUOTE);
}
