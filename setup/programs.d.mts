/** Where a program came from; `cache` is one that somebody put into the project's cache by hand. */
export type ProgramOrigin = 'PATH' | 'cache' | 'go install' | 'download' | 'package manager';

/** A program that is there, runs, and whose version fits. */
export interface ResolvedProgram {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Three numbers, `2.12.0`; that of Valkey itself where Valkey stands in for Redis. */
  readonly version: string;
  readonly origin: ProgramOrigin;
}

/** A program that is not there, and why: one reason for each place that was looked at, joined by `; `. */
export interface MissingProgram {
  readonly missing: string;
}

/** The programs that npm cannot give. `redis` may be a `valkey-server`, which takes the same arguments. */
export type ProgramName = 'toxiproxy' | 'redis' | 'versitygw';

/**
 * Finds the programs that are there: on PATH, then in the project's cache (docs/setup.md). Nothing is installed and
 * no network is used; it takes about 0.1 s. `node setup/main.mjs` installs what is missing.
 */
export function resolvePrograms(options?: {
  /** Environment to look in: `PATH`, `LANGFUSE_CHAOS_CACHE`, `XDG_CACHE_HOME`, `HOME`. */
  readonly env?: NodeJS.ProcessEnv;
}): Promise<Record<ProgramName, ResolvedProgram | MissingProgram>>;
