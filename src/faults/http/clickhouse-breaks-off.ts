import { z } from 'zod';
import { clickhouseException } from './clickhouse-exception.ts';
import { clickhouseLinkSchema, given, sqlPattern, statements } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';

const schema = z.strictObject({
  on: clickhouseLinkSchema,
  code: z.int().min(1).default(241).describe("ClickHouse's error code; default: 241"),
  after: z
    .int()
    .min(0)
    .default(16)
    .describe('how much of the result comes before the error, bytes of the body; default: 16'),
  ending: z
    .enum(['broken', 'text', 'row'])
    .default('broken')
    .describe(
      'how the error comes: `text`, then a proper end, up to ClickHouse 24.10; `broken`, text and then the connection is closed, ' +
        'later ones with http_write_exception_in_output_format=0; `row`, with that setting at 1: a row {"exception": …} in place of the rows, then a proper end; default: broken',
    ),
  ...statements,
  statements: statements.statements.default('select').describe('which statements; default: select'),
});

/**
 * ClickHouse has sent 200 and the beginning of a result when the query fails, so the error can only stand in the body
 * (ClickHouse/ClickHouse#68800 and #75175, ClickHouse/clickhouse-js#384).
 */
export const clickhouseBreaksOff = ruleFault<z.infer<typeof schema>>(
  'clickhouse-breaks-off',
  'ClickHouse answers 200, and after the first bytes of the result comes an error in the body.',
  schema,
  ({ on: _on, code, after, ending, statements: which, text, ...match }) => {
    const { message } = clickhouseException(code);
    const texts = {
      broken: `\r\n__exception__\r\n${message}\r\n`,
      text: `${message}\n`,
      row: `${JSON.stringify({ exception: message })}\n`,
    };
    return {
      match: { ...given(match), ...sqlPattern(which, text) },
      action: {
        kind: 'break-off',
        after: ending === 'row' ? 0 : after,
        text: texts[ending],
        complete: ending !== 'broken',
      },
    };
  },
);
