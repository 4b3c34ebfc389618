import { ChaosError } from '../../base/errors.ts';

/** The error of what an external target does not have. */
export function notHere(what: string, why: string): ChaosError {
  return new ChaosError({
    code: 'E_NOT_ON_STACK',
    happened: `An external target has no ${what}: ${why}.`,
    remedy:
      'run it on a stack of kind `embedded`, `source` or `docker`, or give the file of the target what is missing.',
  });
}

/** A hold of something that is not there: each of its methods throws `E_NOT_ON_STACK`. */
export function absent<T extends object>(what: string, why: string): T {
  return new Proxy({} as T, {
    get: () => () => {
      throw notHere(what, why);
    },
  });
}
