import { fileURLToPath } from 'node:url';

/** How to start a process of the reference pipeline. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The web process. @param env Langfuse's variables, and those of `env.ts` that are ours; the whole environment it gets */
export function referenceWebLaunch(env: Readonly<Record<string, string>>): Launch {
  return launch('web', env);
}

/** The worker process. @param env Langfuse's variables, and those of `env.ts` that are ours; the whole environment it gets */
export function referenceWorkerLaunch(env: Readonly<Record<string, string>>): Launch {
  return launch('worker', env);
}

function launch(folder: 'web' | 'worker', env: Readonly<Record<string, string>>): Launch {
  const main = env.REFERENCE_PIPELINE === 'safe' ? 'safe-main.ts' : 'main.ts';
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL(`./${folder}/${main}`, import.meta.url))],
    env,
  };
}
