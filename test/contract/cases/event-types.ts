import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ChangeName } from '../support/changes.ts';
import { event } from '../support/events.ts';
import { ingest } from '../support/http.ts';
import { objectAt, openQueue } from '../support/look.ts';
import { type ContractStack, TAKES_TRACES } from '../support/target.ts';

type Body = Readonly<Record<string, unknown>>;
const SCORE = { name: 'n', traceId: 't', value: 1 };
const OBSERVATIONS = [
  'span-create',
  'span-update',
  'generation-create',
  'generation-update',
  'event-create',
] as const;

const LATER_OBSERVATIONS: readonly string[] = [
  'agent',
  'tool',
  'chain',
  'retriever',
  'evaluator',
  'embedding',
  'guardrail',
].map((kind) => `${kind}-create`);

/** What each type of event may say and what it becomes; nobody may take the jobs. */
export function describeEventTypes(stack: ContractStack): void {
  describe('types of events', () => {
    beforeEach((context) => stack.only(context, TAKES_TRACES));

    test.for<[string, string, Body]>([
      ['trace-create', 'trace', {}],
      ['score-create', 'score', SCORE],
      ...OBSERVATIONS.map((type): [string, string, Body] => [type, 'observation', {}]),
      ['observation-create', 'observation', { type: 'SPAN' }],
      ['observation-update', 'observation', { type: 'EVENT' }],
      ...LATER_OBSERVATIONS.map((type): [string, string, Body] => [type, 'observation', {}]),
    ])('%s is stored under %s, and its job has its type', async ([type, entity, body], context) => {
      if (LATER_OBSERVATIONS.includes(type)) stack.only(context, { since: 'agentTypes' });
      const id = randomUUID();
      const sent = event(type, { id, ...body });
      expect(await ingest(stack.current, [sent])).toMatchObject({ status: 207, json: { errors: [] } });
      expect(await objectAt(stack.current, `${entity}/${id}/${sent.id}.json`)).toMatchObject([sent]);
      await using jobs = openQueue(stack.current);
      expect((await jobs.jobOf(id))?.data.payload.data).toMatchObject({
        type,
        eventBodyId: id,
        fileKey: sent.id,
      });
    });

    test.for<[string, ChangeName, string, Body, Body]>([
      [
        'an environment in capitals',
        'environmentLower',
        'span-create',
        { environment: 'Prod' },
        { environment: 'prod' },
      ],
      [
        'an environment of 41 characters',
        'environmentRepaired',
        'trace-create',
        { environment: 'e'.repeat(41) },
        { environment: 'e'.repeat(40) },
      ],
      [
        'an environment of Langfuse',
        'environmentRepaired',
        'score-create',
        { ...SCORE, environment: 'langfuse-x' },
        { environment: 'x' },
      ],
      [
        'an environment with a space',
        'environmentRepaired',
        'span-create',
        { environment: 'my prod' },
        { environment: 'default' },
      ],
      [
        'a cost below 0',
        'costsRepaired',
        'generation-create',
        { costDetails: { input: -1, output: 2 } },
        { costDetails: { output: 2 } },
      ],
      [
        'usage that is a fraction',
        'amountsRepaired',
        'generation-create',
        { usageDetails: { input: 1.5, output: 2 } },
        { usageDetails: { output: 2 } },
      ],
    ])('%s is repaired, and stored as such', async ([_what, since, type, body, repaired], context) => {
      stack.only(context, { since });
      const id = randomUUID();
      const sent = event(type, { id, ...body });
      expect(await ingest(stack.current, [sent])).toMatchObject({ status: 207, json: { errors: [] } });
      const entity = { 'trace-create': 'trace', 'score-create': 'score' }[type] ?? 'observation';
      const [found] = (await objectAt(stack.current, `${entity}/${id}/${sent.id}.json`)) as { body: Body }[];
      for (const [field, value] of Object.entries(repaired)) expect(found?.body[field]).toEqual(value);
    });

    test('what is not part of the schema is dropped, and defaults are filled in', async () => {
      const stored = async (type: string, body: Body, entity: string) => {
        const id = randomUUID();
        const sent = { ...event(type, { id, ...body, unknown: 1 }), unknown: 1, metadata: { kept: 1 } };
        await ingest(stack.current, [sent]);
        const [found] = (await objectAt(stack.current, `${entity}/${id}/${sent.id}.json`)) as {
          body: Body;
        }[];
        const { unknown: _dropped, ...envelope } = sent;
        expect(found).toEqual({ ...envelope, body: expect.anything() });
        const { id: _id, ...rest } = found?.body ?? {};
        return rest;
      };
      expect(await stored('trace-create', {}, 'trace')).toEqual({ environment: 'default' });
      expect(await stored('score-create', SCORE, 'score')).toEqual({
        ...SCORE,
        environment: 'default',
        source: 'API',
      });
      expect(await stored('span-create', {}, 'observation')).toEqual({ environment: 'default' });
      expect(await stored('event-create', { endTime: '2026-01-01T00:00:00Z' }, 'observation')).toEqual({
        environment: 'default',
      });
      expect(await stored('observation-create', { type: 'SPAN', environment: 'e' }, 'observation')).toEqual({
        type: 'SPAN',
        usage: null,
      });
    });

    test.for<[string, string, Body]>([
      ['an envelope id with slashes', 'trace-create', {}],
      ['usage that is a fraction', 'generation-create', { usageDetails: { input: 1.5 } }],
      ['a name of 1000 characters', 'trace-create', { name: 'x'.repeat(1000) }],
      ['an environment of 40 characters', 'trace-create', { environment: 'e'.repeat(40) }],
      ['a time with an offset', 'trace-create', { timestamp: '2026-01-01T00:00:00+05:30' }],
      ['a prompt with its version', 'generation-create', { promptName: 'p', promptVersion: 1 }],
    ])('%s is accepted', async ([what, type, body]) => {
      const sent = event(type, { id: randomUUID(), ...body });
      const given = what.startsWith('an envelope id') ? { ...sent, id: `a/b/${sent.id}` } : sent;
      expect(await ingest(stack.current, [given])).toMatchObject({ json: { errors: [] } });
    });

    test.for<[string, string, Body, readonly string[], until?: ChangeName]>([
      ['an empty id of an observation', 'span-create', { id: '' }, ['body', 'id']],
      ['a name of 1001 characters', 'trace-create', { name: 'x'.repeat(1001) }, ['body', 'name']],
      [
        'a time without an offset',
        'trace-create',
        { timestamp: '2026-01-01T00:00:00' },
        ['body', 'timestamp'],
      ],
      [
        'an environment of 41 characters',
        'trace-create',
        { environment: 'e'.repeat(41) },
        ['body', 'environment'],
        'environmentRepaired',
      ],
      [
        'an environment in capitals',
        'span-create',
        { environment: 'Prod' },
        ['body', 'environment'],
        'environmentLower',
      ],
      [
        'an environment of Langfuse',
        'score-create',
        { ...SCORE, environment: 'langfuse-x' },
        ['body', 'environment'],
        'environmentRepaired',
      ],
      ['an unknown level', 'span-create', { level: 'FATAL' }, ['body', 'level']],
      ['a score without a trace', 'score-create', { name: 'n', value: 1 }, ['body', 'traceId']],
      ['a score without a name', 'score-create', { traceId: 't', value: 1 }, ['body', 'name']],
      ['a score of another type', 'score-create', { ...SCORE, dataType: 'CATEGORICAL' }, ['body', 'value']],
      [
        'a score that is neither 0 nor 1',
        'score-create',
        { ...SCORE, value: 2, dataType: 'BOOLEAN' },
        ['body', 'value'],
      ],
      ['tags that are no list', 'trace-create', { tags: 'x' }, ['body', 'tags']],
      [
        'a cost below 0',
        'generation-create',
        { costDetails: { input: -1 } },
        ['body', 'costDetails'],
        'costsRepaired',
      ],
      ['a prompt without its version', 'generation-create', { promptName: 'p' }, ['body']],
      ['an old event without a type', 'observation-create', {}, ['body', 'type']],
    ])('%s is refused by itself', async ([_what, type, body, path, until], context) => {
      if (until) stack.only(context, { until });
      const sent = event(type, { id: randomUUID(), ...body });
      const { status, json } = await ingest(stack.current, [sent]);
      expect(status).toBe(207);
      expect(json).toMatchObject({
        successes: [],
        errors: [{ id: sent.id, status: 400, message: 'Invalid request data', error: expect.any(String) }],
      });
      const [{ error = '[]' } = {}] = (json as { errors: { error: string }[] }).errors;
      const paths = (JSON.parse(error) as { path: string[] }[]).map((issue) => issue.path);
      expect(paths.map((found) => found.slice(0, path.length))).toContainEqual(path);
    });
  });
}
