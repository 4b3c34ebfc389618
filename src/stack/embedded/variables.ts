import { type Variables, WEB_VARIABLES, WORKER_VARIABLES } from '../../reference/env.ts';
import type { AppProcess } from '../stack.ts';

/**
 * The environment variables that each process of the embedded stack's application reads, and which values they take; any other is
 * without effect.
 */
export const VARIABLES: Readonly<Record<AppProcess, Variables>> = {
  web: WEB_VARIABLES,
  worker: WORKER_VARIABLES,
};
