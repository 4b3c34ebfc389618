import { type ProgramName, resolvePrograms } from '../../../setup/programs.mjs';
import { ChaosError } from '../../base/errors.ts';

/**
 * Where a program that set-up brought lies.
 *
 * @throws ChaosError `E_PROGRAM` when it is not there
 */
export async function programPath(name: ProgramName): Promise<string> {
  return (await program(name)).path;
}

/** Version of a program that set-up brought. */
export async function programVersion(name: ProgramName): Promise<string> {
  return (await program(name)).version;
}

let resolving: ReturnType<typeof resolvePrograms> | undefined;

async function program(name: ProgramName) {
  resolving ??= resolvePrograms();
  const found = (await resolving)[name];
  if ('path' in found) return found;
  throw new ChaosError({
    code: 'E_PROGRAM',
    happened: `The program ${name} is not there: ${found.missing}.`,
    remedy: 'run `npm start` or `node setup/main.mjs`, which install what is missing.',
  });
}
