/** What a fault needs of a stack, in the order of docs/faults.md; not every kind of stack has all of them everywhere. */
export const CAPABILITIES = [
  /** Toxiproxy on a link. */
  'link',
  /** The DNS server that the application asks. */
  'dns',
  /** Starting, stopping, killing and pausing a component. */
  'process',
  /** The proxy that understands HTTP on a link. */
  'http',
  /** Settings upon every query of ClickHouse, and its data. */
  'clickhouse',
  /** Commands and settings of Redis itself. */
  'redis',
  /** Commands and settings of Postgres itself. */
  'postgres',
  /** The clocks of web and worker. */
  'clock',
] as const;
export type Capability = (typeof CAPABILITIES)[number];
