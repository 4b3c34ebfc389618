import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { ChaosError, messageOf } from '../../base/errors.ts';

/**
 * A recording: JSON lines. A header, then the requests, then a line that says how many requests there are, without
 * which the file was cut off.
 */
const headerSchema = z.object({
  kind: z.literal('recording'),
  /** Version of this format. */
  version: z.number(),
  /** When the recording began; ISO 8601. Offsets count from here. */
  startedAt: z.iso.datetime(),
  /** What it was made with, for example `langfuse-chaos 0.1.0`. */
  madeWith: z.string(),
});

const requestSchema = z.object({
  kind: z.literal('request'),
  /** Milliseconds since the recording began. */
  offsetMs: z.number().nonnegative(),
  /** The endpoint, without a query. */
  path: z.string(),
  /** Those that say what sent it and in what form; none that could hold a secret. */
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});

const endSchema = z.object({
  kind: z.literal('end'),
  requests: z.int(),
  /** Requests that were passed on and are not in the file, by reason. */
  leftOut: z.record(z.string(), z.int()),
});

export type RecordingHeader = z.infer<typeof headerSchema>;
export type RecordedRequest = z.infer<typeof requestSchema>;

/** Version of the format that is written and read. */
export const RECORDING_VERSION = 1;

/** A whole recording. */
export interface Recording {
  readonly header: RecordingHeader;
  /** In the order of their offsets. */
  readonly requests: readonly RecordedRequest[];
}

/**
 * Reads a recording.
 *
 * @throws ChaosError `E_RECORDING_MISSING`, `E_RECORDING_VERSION`, `E_RECORDING_CORRUPT` with the line, or
 * `E_RECORDING_CUT_OFF` when the last line is missing or counts other than what is there
 */
export function readRecording(path: string): Recording {
  const lines = readText(path).split('\n');
  const tail = lines.pop();
  if (tail !== '' || lines.length === 0) throw cutOff(path, 'its last line is not whole');
  const parsed = lines.map((line, index) => parseJson(path, index + 1, line));
  checkVersion(path, parsed[0]);
  const header = parse(headerSchema, path, 1, parsed[0]);
  const end = endSchema.safeParse(parsed.at(-1));
  if (!end.success) throw cutOff(path, 'the last line, which says how many requests there are, is missing');
  const requests = parsed.slice(1, -1).map((line, index) => parse(requestSchema, path, index + 2, line));
  if (requests.length !== end.data.requests) {
    throw cutOff(path, `its last line says ${end.data.requests} requests, it holds ${requests.length}`);
  }
  return { header, requests: requests.sort((a, b) => a.offsetMs - b.offsetMs) };
}

/** Writes a recording line by line, so that an interrupted one is a file that can be told to be cut off. */
export interface RecordingWriter {
  add(request: Omit<RecordedRequest, 'kind'>): void;
  /** Writes the last line; without it the file is refused. */
  finish(leftOut: Readonly<Record<string, number>>): void;
}

/**
 * Starts a new recording.
 *
 * @throws ChaosError `E_RECORDING_WRITE` when the file exists already or cannot be written
 */
export function createRecording(
  path: string,
  header: Omit<RecordingHeader, 'kind' | 'version'>,
): RecordingWriter {
  const guarded = <T>(write: () => T): T => {
    try {
      return write();
    } catch (cause) {
      throw new ChaosError({
        code: 'E_RECORDING_WRITE',
        happened: `The recording ${path} could not be written: ${messageOf(cause)}.`,
        remedy: 'choose a new file name in a folder that can be written to.',
        cause,
      });
    }
  };
  const file = guarded(() => openSync(path, 'ax'));
  const append = (line: object) =>
    guarded(() => {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    });
  let requests = 0;
  append({ kind: 'recording', version: RECORDING_VERSION, ...header });
  return {
    add: (request) => {
      append({ kind: 'request', ...request });
      requests += 1;
    },
    finish: (leftOut) => {
      try {
        append({ kind: 'end', requests, leftOut });
      } finally {
        closeSync(file);
      }
    },
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ChaosError({
      code: 'E_RECORDING_MISSING',
      happened: `The recording ${path} could not be read: ${messageOf(cause)}.`,
      remedy: 'give the path of a recording; `langfuse-chaos traffic record` makes one.',
      cause,
    });
  }
}

function parseJson(path: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw corrupt(path, line, messageOf(error));
  }
}

function parse<T>(schema: z.ZodType<T>, path: string, line: number, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw corrupt(path, line, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

function checkVersion(path: string, header: unknown): void {
  const parsed = z.object({ kind: z.literal('recording'), version: z.number() }).safeParse(header);
  if (!parsed.success || parsed.data.version === RECORDING_VERSION) return;
  throw new ChaosError({
    code: 'E_RECORDING_VERSION',
    happened: `The recording ${path} has version ${parsed.data.version} of the format.`,
    expected: `version ${RECORDING_VERSION}`,
    remedy: 'record the traffic again with this version of langfuse-chaos.',
  });
}

function corrupt(path: string, line: number, why: string): ChaosError {
  return new ChaosError({
    code: 'E_RECORDING_CORRUPT',
    happened: `Line ${line} of the recording ${path} cannot be read: ${why}.`,
    remedy: 'take a whole copy of the file, or record the traffic again.',
  });
}

function cutOff(path: string, why: string): ChaosError {
  return new ChaosError({
    code: 'E_RECORDING_CUT_OFF',
    happened: `The recording ${path} is cut off: ${why}.`,
    expected: 'a last line that says how many requests the file holds',
    remedy: 'take a whole copy of the file, or record the traffic again and end the recorder in order.',
  });
}
