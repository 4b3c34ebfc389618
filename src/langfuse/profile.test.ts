import { expect, test } from 'vitest';
import { compareVersions, PROFILES, profileOf } from './profile.ts';

test('ranges begin one after another, and a version is in the one that began last', () => {
  const starts = PROFILES.map(({ from }) => from);
  expect(starts).toEqual([...starts].sort(compareVersions));
  expect(new Set(starts).size).toBe(starts.length);
  for (const [version, from] of [
    ['3.36.0', '3.36.0'],
    ['3.37.9', '3.36.0'],
    ['3.112.4', '3.108.0'],
    ['3.113.0', '3.113.0'],
    ['3.225.4', '3.189.0'],
    ['v4.0.0', '4.0.0'],
    ['4.16.0', '4.0.0'],
  ] as const)
    expect([version, profileOf(version).profile.from]).toEqual([version, from]);
});

test('a version is known up to the newest that was read', () => {
  const place = (version: string) => [profileOf(version).place, profileOf(version).known];
  expect(place('3.35.9')).toEqual(['older', false]);
  expect(place('3.36.0')).toEqual(['known', true]);
  expect(place('4.16.0')).toEqual(['known', true]);
  expect(place('4.16.1')).toEqual(['newer', false]);
  expect(place('5.0.0')).toEqual(['newer', false]);
  expect(profileOf('5.0.0').profile).toBe(PROFILES.at(-1));
  expect(profileOf('2.95.0').profile).toBe(PROFILES[0]);
});

test('versions are compared by their numbers', () => {
  expect(compareVersions('3.9.0', '3.10.0')).toBeLessThan(0);
  expect(compareVersions('v4.0.0', '3.225.4')).toBeGreaterThan(0);
  expect(compareVersions('4.1.0-rc.1', '4.1.0')).toBe(0);
  expect(compareVersions('26.7.2.1', '26.8')).toBeLessThan(0);
  expect(compareVersions('26.8.1', '26.8')).toBeGreaterThan(0);
});

test('a job has 5 attempts, 6 from 3.79.0 on, of the secondary queues always 5', () => {
  const attempts = (version: string) =>
    Object.entries(profileOf(version).profile.queues).map(([name, queue]) => `${name} ${queue.attempts}`);
  expect(attempts('3.78.0')).toEqual(['ingestion-queue 5', 'secondary-ingestion-queue 5']);
  expect(attempts('3.79.0')).toEqual(['ingestion-queue 6', 'secondary-ingestion-queue 5']);
  expect(attempts('4.16.0')).toEqual([
    'ingestion-queue 6',
    'secondary-ingestion-queue 5',
    'otel-ingestion-queue 6',
    'secondary-otel-ingestion-queue 5',
  ]);
});

test('what a change does not name stays as it was', () => {
  const { profile } = profileOf('3.225.4');
  expect(profile).toMatchObject({
    accessLevel: 'project',
    fileLog: 'blob_storage_file_log',
    spans: 'raw',
    spansStatus: 200,
    sanitisedKeys: true,
    jobsNameFolder: true,
    listLimit: 200,
    insertRows: 1000,
    writeModes: ['legacy', 'dual', 'events_only'],
    hasEventsTables: false,
  });
});
