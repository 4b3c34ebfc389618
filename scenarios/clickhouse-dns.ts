import type { Expectation, Scenario } from '../src/scenario/scenario.ts';

const INGESTION = 'POST /api/public/ingestion';
const READ = 'GET /api/public/traces';
const HEALTH = 'GET /api/public/health';

/** What an endpoint must answer while a name is gone; the figures are those seen on a real Langfuse v3.36.0. */
function answers(label: string, endpoint: string, status: number): Expectation {
  return {
    kind: 'must',
    text: `${label}: ${endpoint} answers ${status}`,
    about: 'probe',
    label,
    endpoint,
    status,
  };
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
  traffic: { kind: 'generated', rate: 30, duration: 38, maxBatch: 10, maxBytes: 5_000 },
  settings: { web: { REFERENCE_BACKOFF_SCALE: '0.2' }, worker: { REFERENCE_BACKOFF_SCALE: '0.2' } },
  timeline: [
    { at: 2, probe: 'all names resolve' },
    { at: 4, for: 6, fault: { name: 'name-gone', on: 'worker→clickhouse' } },
    { at: 7, probe: 'worker: name of ClickHouse gone' },
    { at: 14, for: 4, fault: { name: 'name-gone', on: 'web→clickhouse' } },
    { at: 15, probe: 'web: name of ClickHouse gone' },
    { at: 20, for: 4, fault: { name: 'name-gone', on: 'web→s3' } },
    { at: 21, probe: 'web: name of S3 gone' },
    { at: 26, for: 4, fault: { name: 'name-gone', on: 'web→redis' } },
    { at: 27, probe: 'web: name of Redis gone' },
    { at: 32, for: 4, fault: { name: 'name-gone', on: 'web→postgres' } },
    { at: 33, probe: 'web: name of Postgres gone' },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    answers('worker: name of ClickHouse gone', INGESTION, 207),
    answers('worker: name of ClickHouse gone', READ, 200),
    answers('web: name of ClickHouse gone', INGESTION, 207),
    answers('web: name of ClickHouse gone', READ, 500),
    answers('web: name of ClickHouse gone', HEALTH, 200),
    answers('web: name of S3 gone', INGESTION, 500),
    answers('web: name of S3 gone', READ, 200),
    answers('web: name of Redis gone', INGESTION, 500),
    answers('web: name of Redis gone', READ, 200),
    answers('web: name of Postgres gone', INGESTION, 500),
    answers('web: name of Postgres gone', READ, 500),
    answers('web: name of Postgres gone', HEALTH, 200),
    {
      kind: 'must',
      text: 'nothing is missing after the replay',
      about: 'missing',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
