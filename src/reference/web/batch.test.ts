import { describe, expect, test } from 'vitest';
import type { Scope } from '../queues.ts';
import { batchResult, groupByEntity, readBatch } from './batch.ts';

const all: Scope = { projectId: 'p', accessLevel: 'all', orgId: 'o', plan: 'oss', rateLimitOverrides: [] };
const scoresOnly: Scope = { ...all, accessLevel: 'scores' };
const event = (id: string, type: string, second: number, body: object) => ({
  id,
  type,
  timestamp: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`,
  body,
});
const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);

describe('a batch', () => {
  test('is sorted by timestamp with all updates last', () => {
    const { events } = readBatch(
      [
        event('update-1', 'span-update', 1, { id: 'o' }),
        event('trace-9', 'trace-create', 9, { id: 't' }),
        event('update-0', 'generation-update', 0, { id: 'o' }),
        event('span-5', 'span-create', 5, { id: 'o' }),
      ],
      all,
    );
    expect(idsOf(events)).toEqual(['span-5', 'trace-9', 'update-0', 'update-1']);
  });

  test('keeps the order of events of one time', () => {
    const { events } = readBatch(
      ['a', 'b', 'c'].map((id) => event(id, 'trace-create', 1, { id })),
      all,
    );
    expect(idsOf(events)).toEqual(['a', 'b', 'c']);
  });

  test('reports the bad events and takes the good ones', () => {
    const batch = readBatch(
      [event('bad', 'trace-create', 1, { name: 1 }), event('good', 'trace-create', 1, { id: 't' }), 7, {}],
      all,
    );
    const { successes, errors } = batchResult(batch);
    expect(successes).toEqual([{ id: 'good', status: 201 }]);
    expect(idsOf(errors)).toEqual(['bad', 'unknown', 'unknown']);
    expect(errors[0]).toMatchObject({ status: 400, message: 'Invalid request data' });
    expect(JSON.parse(errors[0]?.error ?? '')).toMatchObject([
      { path: ['body', 'name'], message: 'Expected string, received number' },
    ]);
  });

  test('with a public key only scores pass', () => {
    const batch = readBatch(
      [
        event('trace', 'trace-create', 1, { id: 't' }),
        event('score', 'score-create', 1, { id: 's', name: 'n', traceId: 't', value: 1 }),
      ],
      scoresOnly,
    );
    expect(batchResult(batch)).toEqual({
      successes: [{ id: 'score', status: 201 }],
      errors: [{ id: 'trace', status: 401, message: 'Authentication error', error: 'Access Scope Denied' }],
    });
  });

  test('logs of the SDK are neither taken nor refused', () => {
    const batch = readBatch([event('log', 'sdk-log', 1, { log: {} })], scoresOnly);
    expect(batchResult(batch)).toEqual({ successes: [], errors: [] });
    expect(idsOf(batch.logs)).toEqual(['log']);
  });
});

describe('the groups of a batch', () => {
  const groupsOf = (...events: object[]) => groupByEntity(readBatch(events, all).events);

  test('are the entities, named after their first event', () => {
    const groups = groupsOf(
      event('update', 'span-update', 0, { id: 'o' }),
      event('create', 'span-create', 5, { id: 'o' }),
      event('trace', 'trace-create', 3, { id: 'o' }),
    );
    expect(groups.map(({ type, entityId, key, events }) => [type, entityId, key, idsOf(events)])).toEqual([
      ['trace-create', 'o', 'trace', ['trace']],
      ['span-create', 'o', 'create', ['create', 'update']],
    ]);
  });

  test('leave out events without a body id, though they are acknowledged', () => {
    const batch = readBatch([event('e', 'trace-create', 1, {})], all);
    expect(groupByEntity(batch.events)).toEqual([]);
    expect(batchResult(batch).successes).toEqual([{ id: 'e', status: 201 }]);
  });
});
