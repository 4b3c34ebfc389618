import { messageOf } from '../../base/errors.ts';
import { migrateClickHouse } from './clickhouse-migrations.ts';
import { migratePostgres } from './postgres-migrations.ts';

/*
 * Starts the web of a checkout as web/entrypoint.sh of Langfuse's image does: the migrations of Postgres, those of ClickHouse, then the server,
 * which takes this process over. So a web that can't reach one of the two when it is started does not come up. They are reached as the
 * web reaches them, by its links and names; ClickHouse's over HTTP, where Langfuse's tool uses the native protocol.
 *
 * Arguments: the two folders of migrations, the Node that runs the checkout, and its arguments. Environment: Langfuse's own.
 */
const [postgresMigrations = '', clickhouseMigrations = '', node = '', ...args] = process.argv.slice(2);
const { env } = process;

if (env.LANGFUSE_AUTO_POSTGRES_MIGRATION_DISABLED !== 'true')
  await step('Postgres', () => migratePostgres(postgresMigrations, env.DATABASE_URL ?? ''));
if (env.LANGFUSE_AUTO_CLICKHOUSE_MIGRATION_DISABLED !== 'true')
  await step('ClickHouse', () =>
    migrateClickHouse(clickhouseMigrations, {
      url: env.CLICKHOUSE_URL ?? '',
      username: env.CLICKHOUSE_USER ?? '',
      password: env.CLICKHOUSE_PASSWORD ?? '',
      database: env.CLICKHOUSE_DB ?? '',
    }),
  );
// The same process, so that who is stopped, paused or killed is the web itself.
process.execve?.(node, [node, ...args], env);

async function step(store: string, migrate: () => Promise<number>): Promise<void> {
  try {
    const applied = await migrate();
    if (applied > 0) say('info', `${store}: ${applied} migrations applied`);
  } catch (error) {
    say('fatal', `Web did not start: the migrations of ${store} failed: ${messageOf(error).split('\n')[0]}`);
    process.exit(1);
  }
}

function say(level: string, msg: string): void {
  console.log(JSON.stringify({ level, time: new Date().toISOString(), process: 'web', msg }));
}
