import type { WriteMode } from './profile.ts';

/** The web's health, with its version. */
export const HEALTH_PATH = '/api/public/health';
/** The worker's health. */
export const WORKER_HEALTH_PATH = '/api/health';
/** The endpoint that takes batches of events. */
export const INGESTION_PATH = '/api/public/ingestion';
/** The endpoint that takes one score. */
export const SCORES_PATH = '/api/public/scores';
/** The endpoint that takes spans by OTLP. */
export const SPANS_PATH = '/api/public/otel/v1/traces';

/**
 * The resource below `/api/public/` that is asked where a target's write mode has another than this: in `events_only` the older reads
 * answer 404 (`web/src/features/public-api/server/withMiddlewares.ts`, seen on v4.16.0).
 */
export function readResource(resource: string, writeMode: WriteMode | undefined): string {
  return (writeMode === 'events_only' && READS_OF_EVENTS_ONLY[resource]) || resource;
}

const READS_OF_EVENTS_ONLY: Readonly<Record<string, string>> = {
  traces: 'v2/observations',
  observations: 'v2/observations',
  scores: 'v3/scores',
};
