import { z } from 'zod';
import { given, httpLinkSchema, requests } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';

const schema = z.strictObject({
  on: httpLinkSchema,
  status: z.int().min(200).max(599).default(500).describe('HTTP status; default: 500'),
  body: z.string().default('').describe('text of the answer; default: none'),
  headers: z.record(z.string(), z.string()).default({}).describe('headers of the answer; default: none'),
  ...requests,
});

/** Any answer to any requests, for what has no fault of its own: a gateway's 502, a proxy's login page, an empty 200. */
export const httpAnswer = ruleFault<z.infer<typeof schema>>(
  'http-answer',
  'Chosen requests are answered with a chosen status and body, and never reach the server.',
  schema,
  ({ on: _on, status, body, headers, ...match }) => ({
    match: given(match),
    action: { kind: 'answer', status, body, headers },
  }),
);
