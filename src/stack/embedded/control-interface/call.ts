import { ChaosError, messageOf } from '../../../base/errors.ts';

/** How long a control interface may take; it is on this machine. */
const TIMEOUT_MS = 5000;

/** A control interface as its callers know it. */
export interface CalledInterface {
  /** Its base URL. */
  readonly url: string;
  readonly token: string;
  /** Its process, for messages: `DNS server`. */
  readonly name: string;
  /** The component of the stack that serves it. */
  readonly component: string;
  /** Code of its errors. */
  readonly code: `E_${string}`;
  /** What it takes, and what to do when it does not take what it is told. */
  readonly refused: { readonly expected: string; readonly remedy: string };
}

/**
 * Calls a control interface.
 *
 * @param body sent as JSON
 * @returns its answer
 * @throws ChaosError with the interface's code when it can't be reached or does not take it
 */
export async function callControlInterface(
  { url, token, name, component, code, refused }: CalledInterface,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  let status: number;
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (response.ok) return answer;
    status = response.status;
  } catch (error) {
    throw new ChaosError({
      code,
      happened: `The ${name} could not be told ${method} ${path}: ${messageOf(error)}.`,
      remedy: `see whether the component \`${component}\` of the stack runs.`,
      cause: error,
    });
  }
  throw new ChaosError({
    code,
    happened: `The ${name} answered ${method} ${path} with status ${status}.`,
    ...refused,
  });
}

/** Whether a control interface answers and knows the token, that is, is this stack's. Rejects when it can't be reached. */
export async function answersControl(url: string, token: string): Promise<boolean> {
  const response = await fetch(`${url}/health`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.arrayBuffer();
  return response.ok;
}
