import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Access } from './access.ts';
import { type EntityKey, type EntityKind, entityKindOf, type IngestionEvent } from './events.ts';
import { parseRawSpans, type SpansContent } from './raw-spans.ts';
import { spansFolder } from './s3-keys.ts';

/** Objects read at the same time. */
const PARALLEL_READS = 16;

/** Milliseconds for a connection and for an answer. */
const CONNECT_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 30_000;

const KINDS: readonly EntityKind[] = ['trace', 'observation', 'score'];

/** One object that the web wrote. */
export interface RawObject {
  /** The whole key, prefix included. */
  readonly key: string;
  /** Milliseconds since the epoch; some servers know whole seconds only. */
  readonly lastModified: number;
  /** Bytes. */
  readonly size: number;
}

/** The events of one entity out of one request. */
export interface StoredObject extends RawObject {
  /** The entity by the name of its folder. From v3.189.0 on that is not always the entity's id: see `s3-keys.ts`. */
  readonly entity: EntityKey;
  /** Name of the object in the entity's folder: the envelope id of its first event and `.json`. */
  readonly file: string;
}

/** What an object holds, or why it can't be told: gone since it was listed, or not a list of events. */
export type ObjectContent =
  | { readonly key: string; readonly events: readonly IngestionEvent[] }
  | { readonly key: string; readonly problem: 'missing' | 'corrupt'; readonly text: string };

/** Langfuse's raw events in S3, read only. Every method throws {@link ChaosError} `E_S3` when S3 can't be asked. */
export interface RawEvents extends AsyncDisposable {
  /** All objects of a project that belong to an entity, streamed page by page in the order of their keys, kind by kind. */
  list(projectId: string): AsyncIterable<StoredObject>;
  /** What these objects hold, in the same order; at most 16 are read at a time. */
  read(keys: readonly string[]): Promise<ObjectContent[]>;
  /** All objects of a project that hold the spans of one request each, in the order of their keys, which is that of their minutes. */
  listSpans(projectId: string): AsyncIterable<RawObject>;
  /** What these objects of spans lead to, in the same order; at most 16 are read at a time. */
  readSpans(keys: readonly string[]): Promise<SpansContent[]>;
}

/** Opens the bucket of raw events; nothing is sent before the first question. */
export function openRawEvents(access: Access['s3']): RawEvents {
  const client = new S3Client({
    endpoint: access.endpoint,
    region: access.region,
    credentials: { accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey },
    forcePathStyle: true,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    // Not every S3 server knows the checksums that the SDK asks for by default.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const { bucket, prefix } = access;
  return {
    list: (projectId) => listEntities(client, bucket, `${prefix}${projectId}/`),
    read: (keys) => readAll(client, bucket, keys, parseEvents),
    listSpans: (projectId) => listFolder(client, bucket, `${prefix}${spansFolder(projectId)}`),
    readSpans: (keys) => readAll(client, bucket, keys, parseRawSpans),
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

async function* listEntities(
  client: S3Client,
  bucket: string,
  project: string,
): AsyncGenerator<StoredObject> {
  for (const kind of KINDS) {
    for await (const object of listFolder(client, bucket, `${project}${kind}/`)) {
      const place = parseKey(object.key, project);
      if (place) yield { ...object, ...place };
    }
  }
}

async function* listFolder(client: S3Client, bucket: string, folder: string): AsyncGenerator<RawObject> {
  let token: string | undefined;
  do {
    const page = await client
      .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: folder, ContinuationToken: token }))
      .catch((error) => Promise.reject(storageError(error)));
    for (const { Key, LastModified, Size } of page.Contents ?? []) {
      yield { key: Key ?? '', lastModified: LastModified?.getTime() ?? 0, size: Size ?? 0 };
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
}

/**
 * Entity and file of a key `<project><kind>/<body id>/<file>`; undefined when it has not that form.
 *
 * Neither the body id nor the file's name is escaped at v3.36.0, and both may hold a `/`. The file is taken to
 * be what follows the last one, so an id with slashes is read right and a file name with slashes is not; only
 * the events themselves tell the two apart.
 *
 * @param project the part of the key before the kind, ending in `/`
 */
export function parseKey(key: string, project: string): Pick<StoredObject, 'entity' | 'file'> | undefined {
  if (!key.startsWith(project)) return undefined;
  const path = key.slice(project.length);
  const afterKind = path.indexOf('/');
  const beforeFile = path.lastIndexOf('/');
  const kind = KINDS.find((name) => name === path.slice(0, afterKind));
  const id = path.slice(afterKind + 1, beforeFile);
  const file = path.slice(beforeFile + 1);
  return kind && id !== '' && file !== '' && beforeFile > afterKind
    ? { entity: `${kind}/${id}`, file }
    : undefined;
}

/** An object that is gone since it was listed. */
interface Missing {
  readonly key: string;
  readonly problem: 'missing';
  readonly text: string;
}

async function readAll<Content>(
  client: S3Client,
  bucket: string,
  keys: readonly string[],
  parse: (key: string, text: string) => Content,
): Promise<(Content | Missing)[]> {
  const contents: (Content | Missing)[] = [];
  let next = 0;
  const reader = async () => {
    for (let at = next++; at < keys.length; at = next++) {
      const key = keys[at] ?? '';
      const text = await readText(client, bucket, key);
      contents[at] =
        text === undefined ? { key, problem: 'missing', text: 'gone since it was listed' } : parse(key, text);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_READS, keys.length) }, reader));
  return contents;
}

async function readText(client: S3Client, bucket: string, key: string): Promise<string | undefined> {
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await answer.Body?.transformToString('utf-8')) ?? '';
  } catch (error) {
    if ((error as { name?: unknown }).name === 'NoSuchKey') return undefined;
    throw storageError(error);
  }
}

/** The events of an object's text. As Langfuse's worker does, a single event outside a list counts as a list of one. */
export function parseEvents(key: string, text: string): ObjectContent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { key, problem: 'corrupt', text: `not JSON: ${messageOf(error)}` };
  }
  const events: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return events.every(isEvent)
    ? { key, events }
    : { key, problem: 'corrupt', text: 'JSON, but not a list of ingestion events' };
}

function isEvent(value: unknown): value is IngestionEvent {
  const event = value as Partial<IngestionEvent> | null;
  return (
    typeof event === 'object' &&
    event !== null &&
    typeof event.id === 'string' &&
    typeof event.timestamp === 'string' &&
    typeof event.type === 'string' &&
    entityKindOf(event.type) !== undefined &&
    typeof event.body === 'object' &&
    event.body !== null
  );
}

function storageError(cause: unknown): ChaosError {
  return new ChaosError({
    code: 'E_S3',
    happened: `S3 could not be read: ${messageOf(cause).replace(/\.$/, '')}.`,
    remedy: 'see whether the S3 server runs, the bucket exists and the key is right, then ask again.',
    cause,
  });
}
