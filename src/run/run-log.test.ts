import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import type { LiveView } from '../report/live.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { RunFolder } from './run-folder.ts';
import { RunLog } from './run-log.ts';

const scenario: Scenario = {
  name: 'mine',
  proves: 'That it works.',
  traffic: { kind: 'generated', rate: 1, duration: 1, maxBatch: 1, maxBytes: 1000 },
  settings: { web: { ADMIN_API_KEY: 'hunter2', LANGFUSE_LOG_LEVEL: 'debug' } },
  timeline: [],
  recovery: [],
  expect: [],
};

test('no secret setting of a scenario is written down, whenever the scenario is', () => {
  const path = mkdtempSync(join(tmpdir(), 'run-log-'));
  try {
    const given = { scenario, seed: '1', command: '', spec: { kind: 'docker' } } as const;
    const log = new RunLog(new RunFolder(path), {} as LiveView, systemClock, given);
    const texts = () => readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8'));
    expect(texts().join()).not.toContain('hunter2');
    log.scenarioChanged(scenario);
    log.end();
    expect(texts()).toHaveLength(2);
    expect(texts().join()).not.toContain('hunter2');
    expect(texts().join()).toContain('"LANGFUSE_LOG_LEVEL": "debug"');
  } finally {
    rmSync(path, { recursive: true });
  }
});

test('what ended a phase is told, and not that the disk is too full to write it down', async () => {
  const path = mkdtempSync(join(tmpdir(), 'run-log-'));
  try {
    const folder = new RunFolder(path);
    const given = { scenario, seed: '1', command: '', spec: { kind: 'docker' } } as const;
    const log = new RunLog(folder, { phase: () => {} } as unknown as LiveView, systemClock, given);
    symlinkSync('/dev/full', `${folder.runFile}.new`);
    const first = log.phase('settle', async () => {
      throw new Error('the first');
    });
    await expect(first).rejects.toThrow('the first');
    await expect(log.phase('settle', async () => 1)).rejects.toThrow('E_RUN_FOLDER');
  } finally {
    rmSync(path, { recursive: true });
  }
});
