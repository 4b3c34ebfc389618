import { type Variables, WEB_VARIABLES, WORKER_VARIABLES } from '../../reference/env.ts';
import type { AppProcess } from '../stack.ts';

/** What the C library of every process reads; see resolv.conf(5). */
const LIBRARY: Variables = { RES_OPTIONS: () => undefined };

/**
 * The environment variables that each process of the embedded stack's application reads, and which values they take; any other is
 * without effect.
 */
export const VARIABLES: Readonly<Record<AppProcess, Variables>> = {
  web: { ...WEB_VARIABLES, ...LIBRARY },
  worker: { ...WORKER_VARIABLES, ...LIBRARY },
};
