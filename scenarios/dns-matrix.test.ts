import { expect, test } from 'vitest';
import type { Expectation } from '../src/scenario/scenario.ts';
import dnsMatrix from './dns-matrix.ts';

const ofProbes = dnsMatrix.expect.filter(
  (each): each is Extract<Expectation, { about: 'probe' }> => each.about === 'probe',
);
const answerOf = ({ status, body, persisted }: (typeof ofProbes)[number]) =>
  [status, body, persisted].filter((part) => part !== undefined).join(' ');

test('what differs between sound versions is no must: errors, their texts, where what was refused is, and the status of OTLP', () => {
  const musts = ofProbes.filter(({ kind }) => kind === 'must');
  const asked = new Map(musts.map((each) => [`${each.endpoint} ${answerOf(each)}`, each]));
  expect([...asked.keys()].toSorted()).toEqual([
    'GET /api/public/health 200',
    'GET /api/public/ready 200',
    'GET /api/public/scores 200',
    'GET /api/public/traces 200',
    'POST /api/public/ingestion 207',
    'POST /api/public/scores 200',
    'worker GET /api/health 200',
    'worker GET /api/ready 200',
  ]);
});

test('in none of its ways may the name of ClickHouse turn ingestion into an error', () => {
  const spared = ofProbes.filter(({ kind, endpoint }) => kind === 'must' && endpoint.endsWith('/ingestion'));
  expect(new Set(spared.map(({ label }) => label))).toEqual(
    new Set(
      ['NXDOMAIN', 'SERVFAIL', 'REFUSED', 'no record', 'AAAA only']
        .concat(['host gone', 'flapping', 'slow', 'no answer'])
        .map((kind) => `web: ClickHouse: ${kind}`),
    ),
  );
});

test('the 500 of S3, Redis and Postgres is shown, with its text', () => {
  const shown = ofProbes.filter(
    ({ kind, endpoint, status }) => kind === 'shows' && endpoint.endsWith('/ingestion') && status === 500,
  );
  expect(shown.map(({ label }) => label)).toEqual([
    'web: S3: NXDOMAIN',
    'web: Redis: NXDOMAIN',
    'web: Postgres: NXDOMAIN',
  ]);
  for (const { body } of shown) expect(body).toBeDefined();
});
