import type { PlannedRequest } from '../request.ts';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddContext } from './odd-traffic.ts';

/** One generation without a model, so that nothing is computed from usage or cost, in a request of its own. */
export function generationWith(
  context: OddContext,
  name: string,
  amounts: Readonly<Record<string, unknown>>,
): readonly PlannedRequest[] {
  const body = {
    id: context.random.hex(32),
    traceId: context.random.hex(32),
    name,
    startTime: timeAt(0),
    endTime: timeAt(1),
    ...amounts,
  };
  return [batchOf([oddEvent(context, 'generation-create', body)])];
}
