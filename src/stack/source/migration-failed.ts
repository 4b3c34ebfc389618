import { ChaosError } from '../../base/errors.ts';

/** A migration of a checkout that a store refused. */
export function migrationFailed(
  store: 'Postgres' | 'ClickHouse',
  name: string,
  why: string,
  cause: unknown,
): ChaosError {
  return new ChaosError({
    code: 'E_MIGRATION',
    happened: `${store} refused the migration ${name} of the Langfuse checkout: ${why}.`,
    expected: "a migration that this version of the store takes, as Langfuse's own tool would apply it",
    remedy: `see whether the checkout is that of a release; if it is, the stack's ${store} is at fault: report it with this text.`,
    cause,
  });
}
