import type { Component, ComponentControl } from '../stack.ts';
import { secretTexts } from './environment.ts';
import { hookControl } from './hooks.ts';
import type { Hooked } from './schema.ts';
import { type ExternalState, noteChange, noteChanged, noteProcess } from './state.ts';

/** Hold of a component of an external target, by the commands in its file; what it has no command for throws `E_NOT_ON_STACK`. */
export function controlOf(folder: string, { target }: ExternalState, name: Component): ComponentControl {
  const hooked = name as Hooked;
  return hookControl(
    hooked,
    target.hooks[hooked],
    {
      begins: (wanted) => noteChange(folder, hooked, wanted),
      runs: (wanted, process) => noteProcess(folder, hooked, wanted, process),
      ends: () => noteChanged(folder, hooked),
    },
    secretTexts(target, process.env),
  );
}
