import { z } from 'zod';
import { systemClock } from '../../base/clock.ts';
import { waitUntil } from '../../base/wait-until.ts';
import type { Stack } from '../../stack/stack.ts';
import type { Fault } from '../fault.ts';
import { logged } from '../logged.ts';
import { connect, postgresSchema, takesWrites } from './connection.ts';
import { Holder } from './holder.ts';

const schema = z.strictObject({ on: postgresSchema });

/** By the id of the stack; the connections live in this process and end with it. */
const holders = new Map<string, Holder>();

/** Milliseconds between two looks for connections that others got. */
const SWEEP_INTERVAL_MS = 200;
/** Milliseconds that Postgres may take to notice closed connections, before it is started again. */
const RELEASE_TIMEOUT_MS = 1500;

/**
 * All of Postgres's connections are taken: those that were open are ended, and new ones refused (53300), those kept for superusers
 * included, since Langfuse's compose file has it connect as one. They are held by the process that injects the fault, so they are
 * free again if it dies.
 */
export const postgresOutOfConnections: Fault<z.infer<typeof schema>> = {
  name: 'postgres-out-of-connections',
  group: 'postgres',
  summary:
    'All connections of Postgres are taken: open ones are ended, new ones refused (53300 too_many_connections).',
  feltWhen: "the web's or the worker's own log names Postgres's error",
  healedWhen: 'Postgres took a connection and a write',
  schema,
  async inject(_parameters, stack) {
    const holder = holders.get(stack.id) ?? new Holder(stack);
    holders.set(stack.id, holder);
    await holder.takeAll();
  },
  async meanwhile(_parameters, stack, signal) {
    while (!signal.aborted) {
      // Postgres may be away for a while; what it lets go is taken at the next look.
      await holders
        .get(stack.id)
        ?.takeAll()
        .catch(() => {});
      await systemClock.sleep(SWEEP_INTERVAL_MS, signal).catch(() => {});
    }
  },
  felt: (_parameters, stack, _since, logs) =>
    logged(['web', 'worker'], stack, logs, /sorry, too many clients already/),
  async recover(_parameters, stack) {
    await holders.get(stack.id)?.release();
    holders.delete(stack.id);
    if ((await stack.component('postgres').state()) === 'exited') return;
    const free = () => hasRoom(stack);
    await waitUntil('a connection to be free', free, { timeoutMs: RELEASE_TIMEOUT_MS }).catch(async () => {
      // Another process holds them and does not let go.
      await stack.component('postgres').stop();
      await stack.component('postgres').start();
    });
  },
  healed: (_parameters, stack) => takesWrites(stack),
};

async function hasRoom(stack: Stack): Promise<boolean> {
  const client = await connect(stack, 'langfuse-chaos');
  await client?.end();
  return client !== undefined;
}
