import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Scenario } from '../scenario/scenario.ts';
import { confirmFaults } from './confirm-faults.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'confirm-'));
  file = join(folder, 'target.yml');
  writeFileSync(
    file,
    `
name: staging
project: { id: p1, publicKey: pk, secretKey: { env: SECRET } }
web: { url: "http://web" }
clickhouse: { url: "http://ch:8123", username: reader, password: { env: CH } }
redis: { url: "redis://redis:6379" }
s3: { endpoint: "http://s3:9000", bucket: b, accessKeyId: { env: AK }, secretAccessKey: { env: SK } }
toxiproxy: { url: "http://t:8474", proxies: { worker→clickhouse: a } }
allow: { faults: [{ on: worker→clickhouse, faults: [refused] }] }
abort: { errorRate: { above: 20 %, over: 5 s }, queueLength: { above: 5 jobs }, time: { above: 5 s } }
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const scenario = (...faults: string[]): Scenario => ({
  name: 'one',
  proves: '',
  traffic: { kind: 'generated', rate: 1, duration: 1, maxBatch: 1, maxBytes: 100 },
  timeline: faults.map((name) => ({ at: 0, for: 1, fault: { name, on: 'worker→clickhouse' } })),
  recovery: [],
  expect: [],
});

/** Asks somebody who types this; without a text there is no terminal. */
async function ask(faults: readonly string[], typed: string | undefined, yes = false) {
  const input = Object.assign(new PassThrough(), { isTTY: typed !== undefined });
  const output = new PassThrough();
  input.end(typed);
  const spec = await confirmFaults({ kind: 'external', file }, [scenario(...faults)], { yes, input, output });
  return { spec, said: String(output.read() ?? '') };
}

test('whoever types the name of the target has agreed, and has read what is injected where', async () => {
  const { spec, said } = await ask(['refused'], 'staging\n');
  expect(spec).toMatchObject({ faultsConfirmed: true });
  expect(said).toContain('injected at staging (http://web)');
  expect(said).toContain('refused on worker→clickhouse');
});

test('anything else, nothing, and no terminal are no agreement', async () => {
  await expect(ask(['refused'], 'yes\n')).rejects.toThrow('Nobody has agreed to faults at staging');
  await expect(ask(['refused'], '')).rejects.toThrow('Nobody has agreed');
  await expect(ask(['refused'], undefined)).rejects.toThrow('--yes-inject-faults');
});

test('the flag stands for the answer, but not for what the owner has not listed', async () => {
  expect((await ask(['refused'], undefined, true)).spec).toMatchObject({ faultsConfirmed: true });
  await expect(ask(['latency'], undefined, true)).rejects.toThrow(
    'latency on worker→clickhouse: its owner has not listed it',
  );
});

test('nobody is asked where there is no fault', async () => {
  expect(await ask([], undefined)).toEqual({ spec: { kind: 'external', file }, said: '' });
});
