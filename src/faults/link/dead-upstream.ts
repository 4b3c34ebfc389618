import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { linkSchema } from '../parameters.ts';
import { setUpstream } from '../proxy.ts';
import { endText, met, wasEnded } from './met.ts';
import { linkWorks } from './toxic-fault.ts';

const schema = z.strictObject({ on: linkSchema });

/** TCP port 1 was given to a service that nobody has run for decades (tcpmux, RFC 1078), and only root could listen on it. */
const NOBODY_LISTENS = 1;

/**
 * Connections are accepted and then closed without an answer: how a load balancer or a service address looks whose server is
 * gone. Node's http calls it `socket hang up`, and clients treat it differently from a refused connection.
 */
export const deadUpstream: Fault<z.infer<typeof schema>> = {
  name: 'dead-upstream',
  group: 'link',
  summary:
    'Open connections of the link are closed; new ones are accepted and closed without an answer (`socket hang up`).',
  feltWhen: 'a connection of the process was accepted and then closed by the other side before any answer',
  healedWhen: 'a connection over the link was accepted and stayed open',
  schema,
  inject: ({ on }, stack) =>
    setUpstream(stack, on, { host: stack.linkUpstream(on).host, port: NOBODY_LISTENS }),
  felt: ({ on }, stack, since, logs) =>
    met(on, stack, since, logs, (exchange) => {
      const { openedAt, connectedAt, receivedInAll } = exchange;
      const hit = openedAt >= since && connectedAt !== undefined && receivedInAll === 0;
      if (!hit || !wasEnded(exchange, since)) return undefined;
      return `connected over ${on}, and ${endText(exchange)} without an answer`;
    }),
  recover: ({ on }, stack) => setUpstream(stack, on, stack.linkUpstream(on)),
  healed: ({ on }, stack) => linkWorks(stack, on),
};
