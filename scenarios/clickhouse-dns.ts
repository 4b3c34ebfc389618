import type { Expectation, Scenario } from '../src/scenario/scenario.ts';

const GONE = {
  worker: 'worker: name of ClickHouse gone',
  clickhouse: 'web: name of ClickHouse gone',
  s3: 'web: name of S3 gone',
  redis: 'web: name of Redis gone',
  postgres: 'web: name of Postgres gone',
} as const;

/**
 * How the endpoints answer at a probe: ingestion, reads of traces and of scores, with the text that is in the answer where
 * there is one; health and ready always answer 200. The figures and texts are those seen on a real Langfuse v3.36.0.
 * A 500 is a weakness that is shown and not a must: a better target says 503, and when to try again.
 */
function answers(label: string, ingestion: [number, string?], reads: [number, string?]): Expectation[] {
  const answer = (endpoint: string, [status, body]: [number, string?]): Expectation => ({
    kind: status === 500 ? 'shows' : 'must',
    text: `${label}: ${endpoint} answers ${status}`,
    about: 'probe',
    label,
    endpoint,
    status,
    ...(body ? { body } : {}),
  });
  return [
    answer('POST /api/public/ingestion', ingestion),
    answer('GET /api/public/traces', reads),
    answer('GET /api/public/scores', reads),
    answer('GET /api/public/health', [200]),
    answer('GET /api/public/ready', [200]),
  ];
}

/**
 * The host name of ClickHouse stops resolving, first for the worker, then for the web. Ingestion goes on answering 207 and
 * health 200; only reads answer 500 with `getaddrinfo ENOTFOUND`. Then the names of S3, Redis and Postgres go for the
 * web, one by one, for comparison: those do turn ingestion into 500. Together they are the reproduction of
 * "500 when a name does not resolve" (langfuse#6380), where the name of ClickHouse alone was blamed.
 */
export default {
  name: 'clickhouse-dns',
  proves:
    'When the name of ClickHouse does not resolve, ingestion still answers 207 and nothing acknowledged is lost; reads answer 500.',
  reproduces: 'langfuse#6380',
  traffic: { kind: 'generated', rate: 15, duration: 20, maxBatch: 5, maxBytes: 2_000 },
  settings: {
    // On by default from v3.81.0 on: the web then goes on from Redis without Postgres, and waits for a Redis that is away.
    web: { LANGFUSE_CACHE_API_KEY_ENABLED: 'false', REFERENCE_BACKOFF_SCALE: '0.2' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.2' },
  },
  timeline: [
    { at: 0.2, probe: 'all names resolve' },
    { at: 1, for: 4, fault: { name: 'name-gone', on: 'worker→clickhouse' } },
    { at: 2, probe: GONE.worker },
    { at: 6, for: 2.5, fault: { name: 'name-gone', on: 'web→clickhouse' } },
    { at: 6.5, probe: GONE.clickhouse },
    { at: 9.5, for: 2.5, fault: { name: 'name-gone', on: 'web→s3' } },
    { at: 10, probe: GONE.s3 },
    { at: 13, for: 2.5, fault: { name: 'name-gone', on: 'web→redis' } },
    { at: 13.5, probe: GONE.redis },
    { at: 17, for: 2.5, fault: { name: 'name-gone', on: 'web→postgres' } },
    { at: 17.5, probe: GONE.postgres },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    ...answers('all names resolve', [207], [200]),
    ...answers(GONE.worker, [207], [200]),
    ...answers(GONE.clickhouse, [207], [500, 'getaddrinfo ENOTFOUND']),
    ...answers(GONE.s3, [500, 'Failed to upload events to blob storage'], [200]),
    ...answers(GONE.redis, [500, "Stream isn't writeable and enableOfflineQueue options is false"], [200]),
    ...answers(GONE.postgres, [500, 'Internal Server Error'], [500]),
    {
      kind: 'must',
      text: 'nothing is missing after the replay',
      about: 'missing',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
