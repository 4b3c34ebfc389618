/** Something that a client or the stores show, and that is not as it was at v3.36.0 from some version on. */
export interface Change {
  /** The first release with it. */
  readonly since: string;
  readonly what: string;
  /** Where Langfuse's code says so at that tag, and what it was seen on. */
  readonly source: string;
}

const TYPES = 'packages/shared/src/server/ingestion/types.ts';
const BATCH = 'packages/shared/src/server/ingestion/processEventBatch.ts';
const KEYS = 'web/src/features/public-api/server/apiAuth.ts';
const OTLP = 'web/src/pages/api/public/otel/v1/traces/index.ts';

/**
 * Every change that a statement of the suite goes by: {@link ContractStack.has} picks a value by one, {@link ContractStack.only} leaves a
 * statement out that is about the versions before it, or from it on. Each was read at the tags; all but those of which it says otherwise were seen on v4.16.0.
 */
export const CHANGES = {
  amountsRepaired: {
    since: '3.38.0',
    what: 'of usage only whole amounts are kept, the others are left out',
    source: TYPES,
  },
  spansAnswer200: {
    since: '3.38.0',
    what: 'the OTLP endpoint answers 200, and rows of spans hold other columns',
    source: OTLP,
  },
  idsLimited: { since: '3.39.0', what: 'ids have 800 characters at most', source: TYPES },
  scopeHasKeyId: { since: '3.39.0', what: "a job says the API key's id", source: KEYS },
  scopeHasKind: { since: '3.50.0', what: 'a job says the kind of API key', source: KEYS },
  fileLogReplaced: {
    since: '3.53.0',
    what: 'blob_storage_file_log takes the place of event_log',
    source: 'packages/shared/clickhouse/migrations/unclustered',
  },
  scopeHasKey: { since: '3.59.0', what: 'a job says the public key', source: KEYS },
  failuresWithoutText: {
    since: '3.63.1',
    what: 'ingestion that fails behind the check of its key answers with a plain text, and not with the error',
    source:
      'web/src/pages/api/public/ingestion.ts: what `context.with` returns is not awaited within its `try`',
  },
  jobSkipsList: {
    since: '3.63.0',
    what: 'a job says whether to list its folder (`skipS3List`)',
    source: BATCH,
  },
  upsertChanged: {
    since: '3.96.1',
    what: 'trace-upsert has other delays and attempts',
    source: 'packages/shared/src/server/redis/traceUpsert.ts',
  },
  agentTypes: { since: '3.98.2', what: 'events of agents, tools, chains and others', source: TYPES },
  spansRaw: {
    since: '3.113.0',
    what: 'the web stores the spans of a request as they are, and the worker makes events of them',
    source: OTLP,
  },
  badScoresDropped: {
    since: '3.113.0',
    what: 'a score that the worker finds wrong is left out with a line in the log, and its job is done',
    source: 'worker/src/services/IngestionService/index.ts',
  },
  scopeHasSuspension: { since: '3.116.0', what: 'a job says whether ingestion is suspended', source: KEYS },
  noSpansNoJob: { since: '3.119.0', what: 'a request without spans is answered with {}', source: OTLP },
  environmentLower: { since: '3.122.0', what: 'environments are put into lower case', source: TYPES },
  costsRepaired: {
    since: '3.138.0',
    what: 'costs below 0 are left out, and refuse nothing',
    source: TYPES,
  },
  environmentRepaired: {
    since: '3.161.0',
    what: 'an environment that breaks the rules is repaired, and refuses nothing',
    source: TYPES,
  },
  zod4: {
    since: '3.162.0',
    what: 'errors have the words and codes of zod 4',
    source: 'packages/shared/package.json',
  },
  costsCut: {
    since: '3.165.0',
    what: 'costs that ClickHouse cannot hold are cut down',
    source: 'worker/src/services/IngestionService',
  },
  publicKeyForbidden: {
    since: '3.167.1',
    what: 'a public key alone is answered with 403 by other endpoints',
    source: 'web/src/features/public-api/server/createAuthedProjectAPIRoute.ts',
  },
  jobsWait: {
    since: '3.170.0',
    what: 'a job with a delay of 0 ms waits at once, and is not among the delayed ones',
    source: 'pnpm-lock.yaml: BullMQ 5.34.10, then 5.73.5 and later',
  },
  scopeHasAgent: {
    since: '3.176.0',
    what: 'a job says whether the key is that of the agent in the app',
    source: KEYS,
  },
  postgresAway503: {
    since: '3.180.0',
    what: 'without Postgres all endpoints but ingestion answer 503',
    source: 'web/src/features/public-api/server/createAuthedProjectAPIRoute.ts',
  },
  foldersNamed: {
    since: '3.189.0',
    what: 'ids in names of objects are made safe, and a job names its folder (`bucketPrefix`)',
    source: BATCH,
  },
  jobNamesSdk: { since: '3.204.0', what: 'a job names the SDK and the key', source: BATCH },
  trueMetadataStored: {
    since: '3.224.0',
    what: 'metadata that is a bare true is stored as text',
    source: 'worker/src/services/IngestionService/utils.ts',
  },
  eventLogDropped: {
    since: '4.0.0',
    what: 'the table event_log is dropped',
    source: 'packages/shared/clickhouse/migrations/unclustered/0044_drop_event_log.up.sql',
  },
  spanIdsChecked: { since: '4.4.0', what: 'a request with a span without ids is refused', source: OTLP },
} as const satisfies Readonly<Record<string, Change>>;

export type ChangeName = keyof typeof CHANGES;
