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
