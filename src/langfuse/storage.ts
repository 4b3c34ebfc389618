import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Access } from './access.ts';
import { type EntityKey, type EntityKind, entityKindOf, type IngestionEvent } from './events.ts';

/** Objects read at the same time. */
const PARALLEL_READS = 16;

/** Milliseconds for a connection and for an answer. */
const CONNECT_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 30_000;

const KINDS: readonly EntityKind[] = ['trace', 'observation', 'score'];

/** One object that the web wrote: the events of one entity out of one request. */
export interface StoredObject {
  /** The whole key, prefix included. */
  readonly key: string;
  readonly entity: EntityKey;
  /** Name of the object in the entity's folder: the envelope id of its first event and `.json`. */
  readonly file: string;
  /** Milliseconds since the epoch; some servers know whole seconds only. */
  readonly lastModified: number;
  /** Bytes. */
  readonly size: number;
}

/** What an object holds, or why it can't be told: gone since it was listed, or not a list of events. */
export type ObjectContent =
  | { readonly key: string; readonly events: readonly IngestionEvent[] }
  | { readonly key: string; readonly problem: 'missing' | 'corrupt'; readonly text: string };

/** Langfuse's raw events in S3, read only. Both methods throw {@link ChaosError} `E_S3` when S3 can't be asked. */
export interface RawEvents extends AsyncDisposable {
  /** All objects of a project that belong to an entity, streamed page by page in the order of their keys, kind by kind. */
  list(projectId: string): AsyncIterable<StoredObject>;
  /** What these objects hold, in the same order; at most 16 are read at a time. */
  read(keys: readonly string[]): Promise<ObjectContent[]>;
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
  return {
    list: (projectId) => list(client, access, projectId),
    read: (keys) => readAll(client, access.bucket, keys),
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

async function* list(
  client: S3Client,
  { bucket, prefix }: Access['s3'],
  projectId: string,
): AsyncGenerator<StoredObject> {
  const project = `${prefix}${projectId}/`;
  for (const kind of KINDS) {
    let token: string | undefined;
    do {
      const page = await client
        .send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: `${project}${kind}/`,
            ContinuationToken: token,
          }),
        )
        .catch((error) => Promise.reject(storageError(error)));
      for (const object of page.Contents ?? []) {
        const place = parseKey(object.Key ?? '', project);
        if (!place) continue;
        yield {
          key: object.Key ?? '',
          ...place,
          lastModified: object.LastModified?.getTime() ?? 0,
          size: object.Size ?? 0,
        };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token);
  }
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

async function readAll(client: S3Client, bucket: string, keys: readonly string[]): Promise<ObjectContent[]> {
  const contents: ObjectContent[] = [];
  let next = 0;
  const reader = async () => {
    for (let at = next++; at < keys.length; at = next++) {
      contents[at] = await readOne(client, bucket, keys[at] ?? '');
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_READS, keys.length) }, reader));
  return contents;
}

async function readOne(client: S3Client, bucket: string, key: string): Promise<ObjectContent> {
  let text: string;
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    text = (await answer.Body?.transformToString('utf-8')) ?? '';
  } catch (error) {
    if ((error as { name?: unknown }).name === 'NoSuchKey') {
      return { key, problem: 'missing', text: 'gone since it was listed' };
    }
    throw storageError(error);
  }
  return parseEvents(key, text);
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
