import { z } from 'zod';
import { clickhouseException } from './clickhouse-exception.ts';
import { clickhouseLinkSchema, given, sqlPattern, statements } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';

const schema = z.strictObject({
  on: clickhouseLinkSchema,
  code: z
    .int()
    .min(1)
    .default(241)
    .describe(
      "ClickHouse's error code: 241 memory, 252 too many parts, 159 time-out, 202 too many queries, …; default: 241",
    ),
  message: z.string().optional().describe('text of the error; default: as the server words that code'),
  status: z
    .int()
    .min(400)
    .max(599)
    .optional()
    .describe('HTTP status; default: what the server sends with that code'),
  ...statements,
  statements: statements.statements.default('all').describe('which statements; default: all'),
});

/** ClickHouse answers with an error of its own, and has done nothing. */
export const clickhouseError = ruleFault<z.infer<typeof schema>>(
  'clickhouse-error',
  'Chosen statements are answered with an error of ClickHouse, such as 241 or 252, and never reach it.',
  schema,
  ({ on: _on, code, message, status, statements: which, text, ...match }) => {
    const exception = clickhouseException(code, message);
    return {
      match: { ...given(match), ...sqlPattern(which, text) },
      action: {
        kind: 'answer',
        status: status ?? exception.status,
        headers: {
          'content-type': 'text/plain; charset=UTF-8',
          'x-clickhouse-exception-code': String(code),
        },
        body: `${exception.message}\n`,
      },
    };
  },
);
