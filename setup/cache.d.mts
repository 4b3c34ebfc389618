/** The project's cache: `LANGFUSE_CHAOS_CACHE`, else `langfuse-chaos` in `XDG_CACHE_HOME`, else in `~/.cache`. */
export function cacheFolder(env?: NodeJS.ProcessEnv): string;
