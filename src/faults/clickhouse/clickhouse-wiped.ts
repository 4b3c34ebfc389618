import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { logged } from '../logged.ts';
import { clickhouseSchema, tablesAreThere } from './connection.ts';

const schema = z.strictObject({ on: clickhouseSchema });

/**
 * The data folder of ClickHouse is lost: it is killed and started again empty, without even the tables, as after a volume that was
 * not kept (langfuse#10778). Rows of before come back only from S3.
 *
 * Recovering is what an operator would do: the web is started again, because Langfuse makes its tables when the web starts, and
 * only then. Requests that are under way at that moment are cut off.
 */
export const clickhouseWiped: Fault<z.infer<typeof schema>> = {
  name: 'clickhouse-wiped',
  group: 'clickhouse',
  summary:
    'ClickHouse loses its data folder, tables included. Recovering starts the web again, which makes the tables; the rows do not come back.',
  feltWhen: "the worker's or the web's own log says that a table does not exist",
  healedWhen: "Langfuse's tables are there again, and empty of what they had",
  schema,
  async inject(_parameters, stack) {
    const clickhouse = stack.component('clickhouse');
    await clickhouse.kill();
    await stack.clickhouse.wipe();
    await clickhouse.start();
  },
  felt: (_parameters, stack, _since, logs) =>
    logged(['worker', 'web'], stack, logs, /Unknown table[ \w]*|Table [\w.]+ does not exist/),
  async recover(_parameters, stack) {
    await stack.component('clickhouse').start();
    if (await tablesAreThere(stack)) return;
    const web = stack.component('web');
    await web.stop();
    await web.start();
  },
  healed: async (_parameters, stack) =>
    (await tablesAreThere(stack)) ? "Langfuse's tables are there again" : undefined,
};
