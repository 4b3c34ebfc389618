/** Where the traffic goes, and with which key. */
export interface Target {
  /** Base URL of the web process, without a slash at the end. */
  readonly url: string;
  /** Base URL of the worker's health endpoint. */
  readonly workerUrl: string;
  readonly projectId: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

/** The harness's own way to the infrastructure, past every link, so that a fault never blinds the checker. */
export interface Access {
  readonly clickhouse: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly database: string;
  };
  readonly redis: {
    /** URL with the password in it. */
    readonly url: string;
    /** REDIS_KEY_PREFIX of the Langfuse that is meant, or `bull` where it has none; absent where only one uses this Redis. */
    readonly keyPrefix?: string;
  };
  readonly postgres: { readonly url: string };
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly bucket: string;
    /** Prefix of all raw events, `''` or ending in `/`. */
    readonly prefix: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}
