import { WEB_VARIABLES, WORKER_VARIABLES } from '../../reference/env.ts';
import type { AppProcess } from '../stack.ts';

/** The environment variables that each process of the embedded stack's application reads; any other is without effect. */
export const VARIABLES: Readonly<Record<AppProcess, readonly string[]>> = {
  web: WEB_VARIABLES,
  worker: WORKER_VARIABLES,
};
