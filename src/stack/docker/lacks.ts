import type { Capability } from '../capabilities.ts';

/** The faults of ClickHouse that need its data or SQL only. */
const OF_DATA = ['clickhouse-wiped', 'clickhouse-too-many-parts'];

/** Why a fault can't be injected into a stack of containers; undefined where it can. */
export function lackOfDocker(capability: Capability, fault: string): string | undefined {
  if (capability !== 'clickhouse' || OF_DATA.includes(fault)) return undefined;
  return 'it needs a setting upon every query, and the server in the container takes its settings from its image';
}
