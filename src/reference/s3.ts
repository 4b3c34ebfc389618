import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandOutput,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { SharedEnv } from './env.ts';
import type { Logger } from './log.ts';

/** One object of a listing. */
export interface StoredFile {
  readonly key: string;
  readonly modified: Date;
}

/** One page of a listing: at most 1000 objects. */
export interface StoredPage {
  readonly files: StoredFile[];
  /** Token of the next page; undefined for the last. */
  readonly next: string | undefined;
}

/** The raw events in S3. Its errors say what was tried and hide why; the cause is in the log, as in Langfuse. */
export class EventStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #log: Logger;

  /** @param more what differs from Langfuse's client, for example time-outs */
  constructor(env: SharedEnv, log: Logger, more: S3ClientConfig = {}) {
    this.#client = createClient(env, more);
    this.#bucket = env.LANGFUSE_S3_EVENT_UPLOAD_BUCKET;
    this.#log = log;
  }

  /** Writes, or overwrites, one object. @throws Error `Failed to upload JSON to S3` */
  async put(key: string, value: unknown): Promise<void> {
    await this.#put(key, value);
  }

  /**
   * Like {@link put}, but takes no 200 for a success that does not name the object's ETag: not every 200 comes from S3.
   * @throws Error `Failed to upload JSON to S3`, or that S3 did not confirm it
   */
  async putConfirmed(key: string, value: unknown): Promise<void> {
    const { ETag } = await this.#put(key, value);
    if (!ETag) throw new Error('S3 did not confirm the upload');
  }

  #put(key: string, value: unknown): Promise<PutObjectCommandOutput> {
    return this.#attempt('upload JSON to S3', key, () =>
      this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          Body: JSON.stringify(value),
          ContentType: 'application/json',
        }),
      ),
    );
  }

  /** The first page of a listing: at most 1000 objects, in the order of their names. @throws Error `Failed to list files from S3` */
  async list(prefix: string): Promise<StoredFile[]> {
    return (await this.listPage(prefix, undefined)).files;
  }

  /** One page of a listing, and what to ask the next one with. @throws Error `Failed to list files from S3` */
  async listPage(prefix: string, token: string | undefined): Promise<StoredPage> {
    const answer = await this.#attempt('list files from S3', prefix, () =>
      this.#client.send(
        new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, ContinuationToken: token }),
      ),
    );
    const files = (answer.Contents ?? []).flatMap(({ Key, LastModified }) =>
      Key ? [{ key: Key, modified: LastModified ?? new Date() }] : [],
    );
    return { files, next: answer.IsTruncated ? answer.NextContinuationToken : undefined };
  }

  /** Text of one object. @throws Error `Failed to download file from S3` */
  async get(key: string): Promise<string> {
    return this.#attempt('download file from S3', key, async () => {
      const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      return (await answer.Body?.transformToString()) ?? '';
    });
  }

  async #attempt<Result>(what: string, key: string, action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      this.#log.error({ err: error }, `Failed to ${what} ${key}`);
      throw new Error(`Failed to ${what}`, { cause: error });
    }
  }
}

/**
 * A client with the attempts of AWS SDK 3.675.0, which Langfuse 3.36.0 ships: three for a refused connection or a
 * 503, but one for a name that does not resolve (later versions retry that too). No time-outs: a black hole hangs.
 */
function createClient(env: SharedEnv, more: S3ClientConfig): S3Client {
  const keyId = env.LANGFUSE_S3_EVENT_UPLOAD_ACCESS_KEY_ID;
  const secret = env.LANGFUSE_S3_EVENT_UPLOAD_SECRET_ACCESS_KEY;
  const config: S3ClientConfig = {
    forcePathStyle: env.LANGFUSE_S3_EVENT_UPLOAD_FORCE_PATH_STYLE,
    // The checksums of later versions were not sent yet.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
  if (env.LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT) config.endpoint = env.LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT;
  if (env.LANGFUSE_S3_EVENT_UPLOAD_REGION) config.region = env.LANGFUSE_S3_EVENT_UPLOAD_REGION;
  if (keyId && secret) config.credentials = { accessKeyId: keyId, secretAccessKey: secret };
  const client = new S3Client({ ...config, ...more });

  // Inside the retry loop: without its code the error is not among those that are tried again.
  client.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        throw isLookUpFailure(error) ? new Error(error.message) : error;
      }
    },
    { step: 'deserialize', name: 'oneAttemptForUnknownNames' },
  );
  return client;
}

function isLookUpFailure(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}
