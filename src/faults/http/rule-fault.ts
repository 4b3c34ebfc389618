import type { z } from 'zod';
import type { HttpLink, HttpRule } from '../../stack/http.ts';
import { endsOf } from '../../stack/stack.ts';
import type { Fault, FaultParameters } from '../fault.ts';
import { serverAnswers } from './server-answers.ts';

/** Parameters of a fault of this group. */
export type OnHttpLink = FaultParameters & { readonly on: HttpLink };

/** A fault that is one rule of the HTTP proxy; `rule` makes it from the parameters. */
export function ruleFault<P extends OnHttpLink>(
  name: string,
  summary: string,
  schema: z.ZodType<P>,
  rule: (parameters: P) => HttpRule,
): Fault<P> {
  return {
    name,
    group: 'http',
    summary,
    feltWhen:
      'the HTTP proxy noted that it did so to a request of that process, the only one that uses the link',
    healedWhen: 'the server answered over the link',
    schema,
    inject: (parameters, stack) => stack.http.setRule(parameters.on, rule(parameters)),
    async felt({ on }, stack, since) {
      const hits = await stack.http.hits(on, since);
      const first = hits[0];
      if (!first) return undefined;
      const { from, to } = endsOf(on);
      return `of the ${from}'s ${first.method} to ${to} the HTTP proxy ${first.did}`;
    },
    recover: ({ on }, stack) => stack.http.clearRule(on),
    healed: ({ on }, stack) => serverAnswers(on, stack),
  };
}
