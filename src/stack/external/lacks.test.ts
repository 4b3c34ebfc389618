import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Scenario } from '../../scenario/scenario.ts';
import { lackOfExternal, sparedSettings, whyNotExternal } from './lacks.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'external-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const RIGHTS = `
settings: { worker: { LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE: "true" } }
toxiproxy: { url: "http://t:8474", proxies: { worker→clickhouse: a } }
hooks: { worker: { state: a, healthy: b, kill: c, start: d } }
allow:
  faults:
    - { on: worker→clickhouse, faults: [refused] }
    - { on: worker, faults: [killed, paused] }
abort: { errorRate: { above: 20 %, over: 5 s }, queueLength: { above: 5 jobs }, time: { above: 5 s } }
`;

function specOf(rights: string) {
  const file = join(folder, 'target.yml');
  writeFileSync(
    file,
    `
name: staging
project: { id: p1, publicKey: pk, secretKey: { env: SECRET } }
web: { url: "http://web" }
clickhouse: { url: "http://ch:8123", username: reader, password: { env: CH } }
redis: { url: "redis://redis:6379" }
s3: { endpoint: "http://s3:9000", bucket: b, accessKeyId: { env: AK }, secretAccessKey: { env: SK } }
${rights}`,
  );
  return { kind: 'external', file, faultsConfirmed: true } as const;
}

test('only what is listed can be injected, and only when somebody has agreed', () => {
  const spec = specOf(RIGHTS);
  expect(lackOfExternal(spec, 'link', 'worker->clickhouse', 'refused')).toBeUndefined();
  expect(lackOfExternal(spec, 'process', 'worker', 'killed')).toBeUndefined();
  const { faultsConfirmed: _, ...unasked } = spec;
  expect(lackOfExternal(unasked, 'link', 'worker→clickhouse', 'refused')).toContain('nobody has agreed');
  expect(lackOfExternal(spec, 'link', 'worker→clickhouse', 'latency')).toContain('not listed');
  expect(lackOfExternal(spec, 'link', 'web→s3', 'refused')).toContain('not listed');
  expect(lackOfExternal(spec, 'process', 'web', 'killed')).toContain('not listed');
});

test('what is listed and has no command, or would not be seen, is refused as well', () => {
  const spec = specOf(RIGHTS);
  expect(lackOfExternal(spec, 'process', 'worker', 'paused')).toBe(
    'hooks.worker has no command for pause and resume',
  );
  expect(lackOfExternal(spec, 'process', 'worker', 'rolling-restart')).toContain('can be seen from outside');
});

test('what is not ours is never touched', () => {
  for (const capability of ['dns', 'http', 'clickhouse', 'redis', 'postgres', 'clock'] as const)
    expect(lackOfExternal(specOf(RIGHTS), capability, 'worker→clickhouse', 'refused')).toMatch(
      /ours|never touched/,
    );
});

function scenario(more: Partial<Scenario>): Scenario {
  return {
    name: 'one',
    proves: '',
    traffic: { kind: 'generated', rate: 1, duration: 1, maxBatch: 1, maxBytes: 100 },
    timeline: [],
    recovery: [],
    expect: [],
    ...more,
  };
}

test('settings that only make the reference quicker are spared, others must be those of the deployment', () => {
  const spec = specOf(RIGHTS);
  const quick = scenario({
    settings: { web: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' } },
  });
  expect(whyNotExternal(quick, spec)).toEqual([]);
  expect(sparedSettings(quick)).toEqual([
    'web.REFERENCE_BACKOFF_SCALE=0.1',
    'web.LANGFUSE_INGESTION_QUEUE_DELAY_MS=1000',
  ]);
  const cache = (value: string) =>
    scenario({ settings: { worker: { LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE: value } } });
  expect(whyNotExternal(cache('true'), spec)).toEqual([]);
  expect(whyNotExternal(cache('false'), spec)[0]).toContain(
    'worker.LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE=false',
  );
});

test('what may hurt others, or needs what is not there, is refused', () => {
  const spec = specOf(RIGHTS);
  expect(
    whyNotExternal(scenario({ timeline: [{ at: 0, send: { name: 'poison-row' } }] }), spec)[0],
  ).toContain('refuse the rows of others');
  expect(whyNotExternal(scenario({ timeline: [{ at: 0, probe: 'now' }] }), spec)[0]).toContain('worker.url');
  expect(whyNotExternal(scenario({ redisAppendOnly: false }), spec)[0]).toContain('Redis of its own');
  expect(
    whyNotExternal(scenario({ timeline: [{ at: 0, recover: 'guide: retry all at once' }] }), spec).join(),
  ).toMatch(/jobs of every project.*allow\.recovery/);
});
