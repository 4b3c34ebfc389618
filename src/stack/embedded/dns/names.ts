import type { Dependency } from '../../stack.ts';

/** What has a host name. */
export type Named = Exclude<Dependency, 'dns'>;

/** The dependencies that the application finds by name. */
export const NAMED: readonly Named[] = ['clickhouse', 'redis', 'postgres', 's3'];

/** The host name of a dependency. `.test` is reserved for such use and exists nowhere else (RFC 6761, section 6.2). */
export function hostNameOf(dependency: Named): string {
  return `${dependency}.chaos.test`;
}
