import { fileURLToPath } from 'node:url';

/** How to start a process of the reference pipeline. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The web process. @param env Langfuse's variables, and REFERENCE_BACKOFF_SCALE; the whole environment it gets */
export function referenceWebLaunch(env: Readonly<Record<string, string>>): Launch {
  return launch('./web/main.ts', env);
}

/** The worker process. @param env Langfuse's variables, and REFERENCE_BACKOFF_SCALE; the whole environment it gets */
export function referenceWorkerLaunch(env: Readonly<Record<string, string>>): Launch {
  return launch('./worker/main.ts', env);
}

function launch(main: string, env: Readonly<Record<string, string>>): Launch {
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL(main, import.meta.url))],
    env,
  };
}
