import type { z } from 'zod';
import type { Fault, FaultParameters } from '../fault.ts';
import { logged } from '../logged.ts';
import { takesWrites } from './connection.ts';

/**
 * A fault that is a set of settings upon every query, which make the engine itself refuse. The harness's own queries have
 * them too; `error` is therefore looked for in the application's log.
 */
export function profileFault<P extends FaultParameters>({
  error,
  settings,
  ...fault
}: Pick<Fault<P>, 'name' | 'summary'> & {
  readonly schema: z.ZodType<P>;
  /** The engine's error as it stands in the application's log. */
  readonly error: RegExp;
  readonly settings: (parameters: P) => Readonly<Record<string, string>>;
}): Fault<P> {
  return {
    ...fault,
    group: 'clickhouse',
    feltWhen: "the worker's or the web's own log names the engine's error",
    healedWhen: 'ClickHouse took a write',
    inject: (parameters, stack) => stack.clickhouse.setProfile(fault.name, settings(parameters)),
    felt: (_parameters, stack, _since, logs) => logged(['worker', 'web'], stack, logs, error),
    recover: (_parameters, stack) => stack.clickhouse.clearProfile(fault.name),
    healed: (_parameters, stack) => takesWrites(stack),
  };
}
