import type { Capability } from '../capabilities.ts';
import { CLICKHOUSE_LACK } from './clickhouse.ts';

/** Why a stack of containers has not a capability; undefined where it has it. */
export function lackOfDocker(capability: Capability): string | undefined {
  return capability === 'clickhouse' ? CLICKHOUSE_LACK : undefined;
}
