import { randomBytes } from 'node:crypto';
import { identify } from './processes.ts';
import { randomSecrets, type Secrets } from './secrets.ts';
import type { StackSpec } from './spec.ts';
import type { AppProcess, StackOptions } from './stack.ts';
import type { BaseState } from './state.ts';

/** What is known of a stack that the harness starts itself, as processes or as containers. */
export interface StartedState extends BaseState {
  /** What web and worker can be replaced by. */
  readonly other?: StackSpec;
  readonly redisAppendOnly: boolean;
  readonly settings: Partial<Record<AppProcess, Readonly<Record<string, string>>>>;
  readonly secrets: Secrets;
  /** Where its parts listen on this machine. */
  readonly ports: Readonly<Record<string, number>>;
  /** Part → version or image. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The state of a new stack of any kind: a random id, and this process as its owner. */
export function newBaseState<Spec extends StackSpec>(
  spec: Spec,
  byHand = false,
): BaseState & { readonly spec: Spec } {
  const owner = identify(process.pid);
  if (!owner) throw new Error('this process does not find itself');
  return { version: 2, id: randomBytes(5).toString('hex'), spec, owner, detached: false, byHand };
}

/** The state of a new stack that the harness starts itself, but for its ports and versions: with random secrets, and what the options say. */
export function newStartedState<Spec extends StackSpec>(
  spec: Spec,
  { byHand, redisAppendOnly, settings }: Pick<StackOptions, 'byHand' | 'redisAppendOnly' | 'settings'>,
) {
  return {
    ...newBaseState(spec, byHand),
    redisAppendOnly: redisAppendOnly ?? true,
    settings: settings ?? {},
    secrets: randomSecrets(),
  };
}
