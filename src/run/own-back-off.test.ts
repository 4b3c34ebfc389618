import { expect, test } from 'vitest';
import clickhouseBlip from '../../scenarios/clickhouse-blip.ts';
import clickhouseOutage from '../../scenarios/clickhouse-outage.ts';
import failedSetOverflow from '../../scenarios/failed-set-overflow.ts';
import runbook from '../../scenarios/runbook.ts';
import upgrade from '../../scenarios/upgrade.ts';
import type { Scenario } from '../scenario/scenario.ts';
import {
  forBoth,
  forTarget,
  isEventsOnly,
  settingsOfReferenceAlone,
  withOwnBackOff,
} from './own-back-off.ts';

test('on the reference pipeline a scenario is carried out as it stands', () => {
  expect(forTarget(clickhouseOutage, { kind: 'embedded', pipeline: 'v3.36.0' })).toBe(clickhouseOutage);
});

test('a fault that is to outlast the attempts lasts longer by what five real ones do: 75 s instead of 7.5 s', () => {
  const { timeline, settleTimeout, settings } = withOwnBackOff(clickhouseOutage, 5);
  expect(timeline).toEqual([
    { at: 5, for: 92.5, fault: { name: 'refused', on: 'worker→clickhouse' }, outlastsAttempts: true },
  ]);
  expect(settleTimeout).toBe(187.5);
  expect(JSON.stringify(settings)).not.toContain('REFERENCE');
});

test('six attempts, as from v3.79.0 on, last 155 s', () => {
  expect(withOwnBackOff(clickhouseOutage, 6).timeline).toMatchObject([{ at: 5, for: 25 + 155 - 7.5 }]);
});

test('a fault that is shorter than the attempts anyway stays as it is, the time to settle does not', () => {
  const blip = withOwnBackOff(clickhouseBlip, 5);
  expect(blip.timeline).toEqual(clickhouseBlip.timeline);
  expect(blip.settleTimeout).toBe(120 + 75 - 0.25 * 75);
});

test('what comes when the attempts are used up comes as much later, what comes before does not', () => {
  const longer = 75 - 0.05 * 75;
  expect(withOwnBackOff(runbook, 5).timeline.map(({ at }) => at)).toEqual(
    runbook.timeline.map(({ at }) => (at < 0.3 + 0.05 * 75 ? at : at + longer)),
  );
});

test("the application's own settings stay", () => {
  const settings = {
    web: { LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
    worker: { REFERENCE_BACKOFF_SCALE: '1' },
  };
  expect(withOwnBackOff({ ...clickhouseBlip, settings } satisfies Scenario, 5).settings).toEqual({
    web: { LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
    worker: {},
  });
});

test('what only the reference pipeline can be told is named', () => {
  expect(settingsOfReferenceAlone(failedSetOverflow)).toEqual(['REFERENCE_FAILED_JOBS_KEPT']);
  expect(settingsOfReferenceAlone(clickhouseBlip)).toEqual([]);
});

test('where web and worker are replaced later, the traffic goes on for as much longer', () => {
  const { timeline, traffic } = withOwnBackOff(upgrade, 5);
  expect(traffic).toEqual({ ...upgrade.traffic, duration: upgrade.traffic.duration + 67.5 });
  expect(timeline.at(-1)?.at).toBe((upgrade.timeline.at(-1)?.at ?? 0) + 67.5);
});

const docker = (version: string) => ({ kind: 'docker', version }) as const;
const embedded = { kind: 'embedded', pipeline: 'v3.36.0' } as const;

test('what is compared gets the same faults: those for the one whose jobs are run more often', () => {
  const both = forBoth(clickhouseOutage, docker('3.36.0'), docker('3.225.4'));
  expect(both.timeline).toMatchObject([{ at: 5, for: 25 + 155 - 7.5 }]);
  expect(forBoth(clickhouseOutage, docker('3.225.4'), embedded).timeline).toEqual(both.timeline);
  expect(forBoth(clickhouseOutage, embedded, { ...embedded, pipeline: 'safe' })).toBe(clickhouseOutage);
});

test('and the same traffic: over OTLP where one of them takes nothing else', () => {
  const protocol = (scenario: Scenario) =>
    scenario.traffic.kind === 'generated' ? scenario.traffic.protocol : undefined;
  expect(protocol(forBoth(clickhouseBlip, docker('3.36.0'), docker('4.16.0')))).toBe('otlp');
  expect(protocol(forBoth(clickhouseBlip, docker('3.36.0'), docker('3.225.4')))).toBeUndefined();
  const dual = { ...clickhouseBlip, settings: { web: { LANGFUSE_MIGRATION_V4_WRITE_MODE: 'dual' } } };
  expect(protocol(forBoth(dual, docker('3.36.0'), docker('4.16.0')))).toBeUndefined();
});

test('docker without a version is the one that is pinned: five attempts, and what it stores by default', () => {
  const pinned = { kind: 'docker' } as const;
  expect(forTarget(clickhouseOutage, pinned)).toEqual(withOwnBackOff(clickhouseOutage, 5));
  expect(isEventsOnly(pinned, clickhouseOutage)).toBe(false);
});
