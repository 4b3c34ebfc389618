import { HOST } from './ports.ts';
import type { PortName } from './state.ts';

type Ports = Readonly<Record<PortName, number>>;

/** The HTTP URL of what listens on a port of this machine. */
export const urlOf = (port: number) => `http://${HOST}:${port}`;

/** URL of Toxiproxy's API. */
export const toxiproxyUrl = (ports: Ports) => urlOf(ports.toxiproxy);

/** URL of a Redis with its password. */
export const redisUrl = (host: string, port: number, password: string) =>
  `redis://:${password}@${host}:${port}`;

/** URL of a Postgres with its password. */
export const postgresUrl = (host: string, port: number, password: string) =>
  `postgresql://${POSTGRES_USER}:${password}@${host}:${port}/${POSTGRES_DATABASE}`;

/** As in Langfuse's docker-compose.yml. */
export const POSTGRES_USER = 'postgres';
/** As in Langfuse's docker-compose.yml. */
export const POSTGRES_DATABASE = 'postgres';
/** As in Langfuse's docker-compose.yml. */
export const CLICKHOUSE_USER = 'clickhouse';
/** Langfuse's default. */
export const CLICKHOUSE_DATABASE = 'default';
/** As in Langfuse's docker-compose.yml. */
export const S3_BUCKET = 'langfuse';
/** As in Langfuse's docker-compose.yml. */
export const S3_PREFIX = 'events/';
/** The region that versitygw runs as; it refuses requests that are signed for another one, `auto` included. */
export const S3_REGION = 'us-east-1';
