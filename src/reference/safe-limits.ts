import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { PoolConfig } from 'pg';
import type { ClickHouseOptions } from './clickhouse.ts';

/*
 * Limits on time for everything that the safe pipeline asks, milliseconds: what accepts a connection and then says
 * nothing must not hold anything up for ever. Langfuse 3.36.0 has none for S3, Redis and the queries of Postgres.
 */

/** For S3: each of the attempts at a request. */
export const S3_LIMITS: S3ClientConfig = {
  requestHandler: {
    connectionTimeout: 2000,
    requestTimeout: 5000,
    throwOnRequestTimeout: true,
    socketTimeout: 5000,
  },
};

/** For Postgres: a connection, and a query. */
export const POSTGRES_LIMITS: PoolConfig = { connectionTimeoutMillis: 4000, query_timeout: 4000 };

/** For ClickHouse as web asks it: somebody waits for the answer. */
export const READ_LIMITS: ClickHouseOptions = { request_timeout: 8000 };

/**
 * For ClickHouse as the worker asks it. It can wait longer: what is given up too soon goes on in a busy server, and asking again
 * makes it busier. An insert is answered when its rows are stored, and not when they are in a buffer of the server.
 */
export const CLICKHOUSE_LIMITS: ClickHouseOptions = {
  request_timeout: 20_000,
  clickhouse_settings: { async_insert: 0 },
};
