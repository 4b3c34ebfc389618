import type { Capability } from '../capabilities.ts';
import type { StackSpec } from '../spec.ts';
import { readCheckout } from './checkout.ts';

/**
 * Why a fault can't be injected into a stack with a checkout; undefined where it can.
 *
 * @param on a link such as `worker→postgres`
 * @throws ChaosError `E_CHECKOUT`
 */
export function lackOfSource(
  { directory }: Extract<StackSpec, { kind: 'source' }>,
  capability: Capability,
  on: string,
): string | undefined {
  if (capability !== 'dns' || !/(→|->)postgres$/.test(on)) return undefined;
  return readCheckout(directory).hasPrismaEngine
    ? "Prisma's engine in this build asks the system's resolver, so Postgres is given to it by address; faults of the link itself work"
    : undefined;
}
