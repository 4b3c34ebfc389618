import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { call } from '../support/http.ts';
import { objectAt, objectsOf, openQueue } from '../support/look.ts';
import { type ContractStack, TAKES_TRACES } from '../support/target.ts';

type Body = Readonly<Record<string, unknown>>;

/** The endpoints for one event a request; nobody may take the jobs. */
export function describeSingleEndpoints(stack: ContractStack): void {
  describe('endpoints for one event', () => {
    beforeEach((context) => stack.only(context, TAKES_TRACES));

    const storedBody = async (entity: string, id: string) => {
      const [name = ''] = await objectsOf(stack.current, `${entity}/${id}/`);
      const [found] = (await objectAt(stack.current, `${entity}/${id}/${name}`)) as object[];
      return found;
    };

    test.each<[string, Body, string, string, Body]>([
      ['traces', { name: 'n' }, 'trace', 'trace-create', { name: 'n', environment: 'default' }],
      ['scores', { name: 'n', traceId: 't', value: 1 }, 'score', 'score-create', { value: 1, source: 'API' }],
      [
        'spans',
        { name: 'n', endTime: null },
        'observation',
        'observation-create',
        { type: 'SPAN', name: 'n' },
      ],
      [
        'generations',
        { model: 'm', prompt: { a: 1 }, completion: 'c' },
        'observation',
        'observation-create',
        { type: 'GENERATION', model: 'm', input: { a: 1 }, output: 'c' },
      ],
    ])('POST %s answers the id, made up if it is missing', async (path, body, entity, type, stored) => {
      const post = (given: Body) =>
        call(stack.current, `/api/public/${path}`, { method: 'POST', body: given });
      const { status, json } = await post(body);
      expect(status).toBe(200);
      const { id } = json as { id: string };
      expect(id).toMatch(/^[\da-f-]{36}$/);
      expect(await storedBody(entity, id)).toMatchObject({ type, body: { id, ...stored } });
      const own = `own-${randomUUID()}`;
      expect(await post({ ...body, id: own })).toMatchObject({ status: 200, json: { id: own } });
      await using jobs = openQueue(stack.current);
      expect((await jobs.jobOf(own))?.data.payload.data.type).toBe(type);
    });

    test('POST events needs an id', async () => {
      const post = (body: Body) => call(stack.current, '/api/public/events', { method: 'POST', body });
      const required = stack.has('zod4') ? 'Invalid input: expected string, received undefined' : 'Required';
      expect(await post({ name: 'n' })).toMatchObject({
        status: 400,
        json: { message: 'Invalid request data', error: [{ path: ['id'], message: required }] },
      });
      const id = randomUUID();
      expect(await post({ id, name: 'n' })).toMatchObject({ status: 200, json: { id } });
      expect(await storedBody('observation', id)).toMatchObject({ body: { id, type: 'EVENT', name: 'n' } });
    });

    test.each([
      ['spans', 'spanId', { output: 'o' }, { type: 'SPAN', output: 'o' }],
      ['generations', 'generationId', { completion: 'o' }, { type: 'GENERATION', output: 'o' }],
    ])('PATCH %s stores an update', async (path, key, body, stored) => {
      const id = randomUUID();
      const patch = (given: Body) =>
        call(stack.current, `/api/public/${path}`, { method: 'PATCH', body: given });
      expect(await patch({ [key]: id, ...body })).toMatchObject({ status: 200, json: { id } });
      expect(await storedBody('observation', id)).toMatchObject({
        type: 'observation-update',
        body: { id, ...stored },
      });
      expect(await patch(body)).toMatchObject({ status: 400, json: { error: [{ path: [key] }] } });
    });

    test('other methods are answered with 405', async () => {
      expect(await call(stack.current, '/api/public/spans')).toMatchObject({
        status: 405,
        json: { message: 'Method not allowed', error: 'MethodNotAllowedError' },
      });
    });
  });
}
