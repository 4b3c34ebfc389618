/** Whether node_modules is what package.json and package-lock.json ask for. */
export interface ModulesState {
  readonly current: boolean;
  /** Why it is not current. */
  readonly why?: string;
  /** npm has done its part, and only what set-up adds to it is open. */
  readonly installed?: boolean;
}

/**
 * Looks whether node_modules is current. It costs milliseconds.
 *
 * @param root the checkout
 */
export function modulesState(root: string): Promise<ModulesState>;
