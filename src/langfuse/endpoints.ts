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

/** What the resources below `/api/public/` are that answer reads, by what they return. */
export type ReadResource = 'traces' | 'observations' | 'scores';

/**
 * The resource below `/api/public/` by which a target is read: in the write mode `events_only` the older ones answer 404
 * (`web/src/features/public-api/server/withMiddlewares.ts`, seen on v4.16.0).
 */
export function readResource(resource: ReadResource, writeMode: WriteMode | undefined): string {
  if (writeMode !== 'events_only') return resource;
  return resource === 'scores' ? 'v3/scores' : 'v2/observations';
}
