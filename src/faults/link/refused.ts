import { z } from 'zod';
import { tryConnect } from '../connect.ts';
import type { Fault } from '../fault.ts';
import { linkSchema } from '../parameters.ts';
import { setProxyEnabled } from '../proxy.ts';
import { metRefusal } from './refusal-log.ts';

const schema = z.strictObject({ on: linkSchema });

/**
 * The dependency behind a link is away: open connections are closed, new ones get `ECONNREFUSED`. This is how a
 * stopped server looks to one process while others still reach it.
 */
export const refused: Fault<z.infer<typeof schema>> = {
  name: 'refused',
  group: 'link',
  summary: 'Open connections of the link are closed and new ones are refused (ECONNREFUSED).',
  feltWhen: "the process's own log names ECONNREFUSED with the link's address",
  healedWhen: 'a connection over the link was accepted',
  schema,
  inject: ({ on }, stack) => setProxyEnabled(stack, on, false),
  felt: ({ on }, stack, since) => metRefusal(on, stack, since),
  recover: ({ on }, stack) => setProxyEnabled(stack, on, true),
  async healed({ on }, stack) {
    const result = await tryConnect(stack.linkAddress(on));
    return result === 'open' ? `a connection over ${on} was accepted` : undefined;
  },
};
