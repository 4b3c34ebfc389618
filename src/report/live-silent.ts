import type { LiveView } from './live.ts';

/** The view of a run that nobody watches. */
export const SILENT: LiveView = {
  phase() {},
  sample() {},
  fault() {},
  note() {},
  warn: (text) => console.error(text),
  done() {},
};
