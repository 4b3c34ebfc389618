import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ChaosError } from '../../base/errors.ts';
import { parseExternal, readExternalFile } from './read-file.ts';

const CHECK_ONLY = `
name: staging
project: { id: p1, publicKey: pk-lf-1, secretKey: { env: SECRET } }
web: { url: "https://langfuse.example/" }
clickhouse: { url: "http://ch:8123", username: reader, password: { env: CH } }
redis: { url: "redis://redis:6379", password: { env: REDIS } }
s3: { endpoint: "http://s3:9000", bucket: b, prefix: events/, accessKeyId: { env: AK }, secretAccessKey: { env: SK } }
`;

function mistakesIn(text: string): string {
  try {
    parseExternal('staging.yml', text);
  } catch (error) {
    if (error instanceof ChaosError) return error.message;
  }
  throw new Error('it was taken');
}

test('a file without any right is one for a check', () => {
  const target = parseExternal('staging.yml', CHECK_ONLY);
  expect(target).toMatchObject({
    web: { url: 'https://langfuse.example' },
    sharedProject: false,
    allow: { faults: [], recovery: false },
    abort: {},
  });
});

test('the example is one', () => {
  const text = readFileSync(new URL('../../../docs/examples/external.yml', import.meta.url), 'utf8');
  const { allow, abort, toxiproxy } = parseExternal('external.yml', text);
  expect(allow.faults.map(({ on }) => on)).toEqual(['worker→clickhouse', 'worker']);
  expect(toxiproxy?.proxies['worker→clickhouse']?.name).toBe('langfuse-worker-clickhouse');
  expect(abort).toMatchObject({ errorRate: { above: 0.2, over: 30_000 }, time: { above: 900_000 } });
});

test('a secret in clear is refused by its line, with what to do, and not repeated', () => {
  const text = CHECK_ONLY.replace('{ env: SECRET }', 'sk-lf-very-secret').replace(
    'redis://',
    'redis://me:hush@',
  );
  const mistakes = mistakesIn(text);
  expect(mistakes).toContain('line 3, project.secretKey: a secret stands here in clear: write { env: NAME }');
  expect(mistakes).toContain('line 6, redis.url: user and password stand here in clear');
  expect(mistakes).not.toMatch(/very-secret|hush/);
});

test('every mistake has its place and what is expected there', () => {
  const mistakes = mistakesIn(`${CHECK_ONLY.replace('prefix: events/', 'prefix: events')}
extra: 1
toxiproxy: { url: "http://t:8474", proxies: { "worker->mars": x } }
abort: { time: { above: 15 } }
`);
  expect(mistakes).toContain('line 7, s3.prefix: expected nothing, or a folder that ends in "/"');
  expect(mistakes).toContain('toxiproxy.proxies.worker->mars: no such link; expected web→clickhouse');
  expect(mistakes).toContain(
    'line 11, abort.time.above: expected a number with its unit (ms, s, min, h), such as 30 s',
  );
  expect(mistakes).toContain('line 9, extra: there is no such field; expected name, project');
  expect(mistakesIn('name: [')).toContain('line 1: no YAML');
});

test('who allows faults must say through which proxy or command, and when to stop', () => {
  const mistakes = mistakesIn(`${CHECK_ONLY}
allow:
  faults:
    - { on: worker->clickhouse, faults: [refused] }
    - { on: worker, faults: [killed] }
abort: { time: { above: 1 min } }
`);
  expect(mistakes).toContain(
    'line 11, allow.faults.0.on: toxiproxy.proxies does not name the proxy of worker→clickhouse',
  );
  expect(mistakes).toContain('line 12, allow.faults.1.on: hooks has no commands for worker');
  expect(mistakes).toContain('line 13, abort.errorRate: is missing');
  expect(mistakes).toContain('line 13, abort.queueLength: is missing');
  expect(mistakes).not.toContain('abort.time:');
});

test('a name of a fault that is none, or none of that place, is refused with the one that was meant', () => {
  const mistakes = mistakesIn(`${CHECK_ONLY}
toxiproxy: { url: "http://t:8474", proxies: { worker->clickhouse: a } }
hooks: { worker: { state: a, healthy: b, kill: c, start: d } }
allow:
  faults:
    - on: worker->clickhouse
      faults:
        - latency
        - refuse
    - { on: worker, faults: [killed, latency] }
abort: { errorRate: { above: 20 %, over: 5 s }, queueLength: { above: 5 jobs }, time: { above: 5 s } }
`);
  expect(mistakes).toContain(
    'line 16, allow.faults.0.faults.1: "refuse" is no fault that can be injected there. Did you mean "refused"? Expected one of refused, ',
  );
  expect(mistakes).toContain(
    'line 17, allow.faults.1.faults.1: "latency" is no fault that can be injected there. Expected one of killed, terminated, restarted, paused',
  );
});

test('what is missing has the line of what it is missing in, and what is mistyped its own, with what was meant', () => {
  const mistakes = mistakesIn(`${CHECK_ONLY.replace('id: p1, ', '').replace('bucket', 'bukket')}
alow:
  faults: []
toxiproxy:
  proxies: {}
`);
  expect(mistakes).toContain('line 3, project.id: id is missing: expected string');
  expect(mistakes).toContain('line 7, s3.bucket: bucket is missing: expected string. Is it "bukket"?');
  expect(mistakes).toContain('line 7, s3.bukket: there is no such field. Did you mean "bucket"?');
  expect(mistakes).toContain('line 9, alow: there is no such field. Did you mean "allow"?');
  expect(mistakes).toMatch(/line 11, toxiproxy\.url: url is missing/);
  expect(mistakesIn('')).toContain('line 1, project: project is missing');
});

test('a file that is not there is said to be so', () => {
  expect(() => readExternalFile('/nowhere/staging.yml')).toThrow('There is no file /nowhere/staging.yml.');
});
