import { createInterface } from 'node:readline/promises';
import { ChaosError } from '../base/errors.ts';
import { faultsOf, requirePossible } from '../run/possible.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { faultsText } from '../stack/external/lacks.ts';
import { readExternalFile } from '../stack/external/read-file.ts';
import type { StackSpec } from '../stack/spec.ts';

/** Where one is asked, and what was said beforehand. */
export interface Asking {
  /** `--yes-inject-faults` */
  readonly yes: boolean;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** The option that stands for the answer where nobody can be asked. */
export const YES_FLAG = '--yes-inject-faults';

/**
 * Before the first fault at a target that runs already: says what is to be injected where, and asks for its name to be typed. Without a terminal
 * the flag must have been given. Other stacks are the run's own, and nobody is asked.
 *
 * @returns the spec that says so
 * @throws ChaosError `E_NOT_ON_STACK` when its owner has not allowed it, whatever is answered; `E_NOT_CONFIRMED` when it is not
 */
export async function confirmFaults(
  spec: StackSpec,
  scenarios: readonly Scenario[],
  { yes, input, output }: Asking,
): Promise<StackSpec> {
  if (spec.kind !== 'external') return spec;
  const confirmed = { ...spec, faultsConfirmed: true } as const;
  for (const scenario of scenarios) requirePossible(scenario, confirmed);
  const faults = faultsText(scenarios.flatMap(faultsOf));
  if (faults.length === 0 || yes) return faults.length === 0 ? spec : confirmed;
  const { name, web } = readExternalFile(spec.file);
  if (!input.isTTY) throw notConfirmed(name, `pass ${YES_FLAG} where there is no terminal to ask on.`);
  output.write(`These faults are injected at ${name} (${web.url}), which others may use:\n`);
  for (const fault of faults) output.write(`  ${fault}\n`);
  const lines = createInterface({ input, output, terminal: false });
  try {
    output.write(`Type ${name} to go on: `);
    const { value: answer } = await lines[Symbol.asyncIterator]().next();
    if (answer?.trim() !== name) throw notConfirmed(name, `run again and type ${name}, or pass ${YES_FLAG}.`);
  } finally {
    lines.close();
  }
  return confirmed;
}

function notConfirmed(name: string, remedy: string): ChaosError {
  return new ChaosError({
    code: 'E_NOT_CONFIRMED',
    happened: `Nobody has agreed to faults at ${name}; nothing was sent or changed.`,
    remedy,
  });
}
