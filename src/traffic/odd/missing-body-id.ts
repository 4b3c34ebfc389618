import { z } from 'zod';
import { INGESTION_PATH, VIRTUAL_START } from '../request.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({});

/**
 * A trace without an id of its own: acknowledged with 201 and stored nowhere, neither in S3 nor in the queue
 * (`processEventBatch.ts` at v3.36.0 leaves it out when it groups by entity).
 */
export const missingBodyId: OddTraffic<z.infer<typeof schema>> = {
  name: 'missing-body-id',
  summary: 'A trace-create without body.id: acknowledged with 201, stored nowhere.',
  schema,
  make(_parameters, { random }) {
    const timestamp = new Date(VIRTUAL_START).toISOString();
    const event = { id: random.hex(32), timestamp, type: 'trace-create', body: { name: 'no id', timestamp } };
    return [{ at: 0, path: INGESTION_PATH, body: JSON.stringify({ batch: [event] }), eventIds: [event.id] }];
  },
};
