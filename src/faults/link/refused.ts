import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { linkSchema } from '../parameters.ts';
import { setProxyEnabled } from '../proxy.ts';
import { met } from './met.ts';
import { linkWorks } from './toxic-fault.ts';

const schema = z.strictObject({ on: linkSchema });

/**
 * The dependency behind a link is away: open connections are closed, new ones get `ECONNREFUSED`. This is how a
 * stopped server looks to one process while others still reach it.
 */
export const refused: Fault<z.infer<typeof schema>> = {
  name: 'refused',
  group: 'link',
  summary: 'Open connections of the link are closed and new ones are refused (ECONNREFUSED).',
  feltWhen: 'the process tried to connect and got ECONNREFUSED',
  healedWhen: 'a connection over the link was accepted and stayed open',
  schema,
  inject: ({ on }, stack) => setProxyEnabled(stack, on, false),
  felt({ on }, stack, since, logs) {
    const { host, port } = stack.linkAddress(on);
    return met(on, stack, since, logs, ({ end, endedAt = 0 }) =>
      end === 'ECONNREFUSED' && endedAt >= since ? `got "connect ECONNREFUSED ${host}:${port}"` : undefined,
    );
  },
  recover: ({ on }, stack) => setProxyEnabled(stack, on, true),
  healed: ({ on }, stack) => linkWorks(stack, on),
};
