import { ChaosError } from '../../base/errors.ts';
import type { Stack } from '../stack.ts';
import { readCheckout } from './checkout.ts';
import { migrateClickHouse } from './clickhouse-migrations.ts';
import { nodeFor } from './node.ts';
import { migratePostgres } from './postgres-migrations.ts';
import { keyIsTaken, loadRoutes } from './ready.ts';

/** What has to be done for a checkout before and after its processes are started for the first time. */
export interface OpenCheckout {
  /** Part → version: of Langfuse, and of the Node that runs it. */
  readonly versions: Readonly<Record<string, string>>;
  /** Brings the stores up to its version, past every link; what was applied is not applied again. @throws ChaosError `E_MIGRATION` */
  prepare(stack: Pick<Stack, 'access'>, onProgress?: (text: string) => void): Promise<void>;
  /** Sees that the web is of the same version, and takes the project's key. @throws ChaosError `E_CHECKOUT`, `E_CHECKOUT_NOT_READY` */
  proveReady(
    stack: Pick<Stack, 'access' | 'target' | 'versions' | 'folder' | 'secrets'>,
    signal?: AbortSignal,
  ): Promise<void>;
}

/**
 * Looks at a checkout before anything is started.
 *
 * @param directory its root folder, absolute
 * @throws ChaosError `E_CHECKOUT`, `E_CHECKOUT_NODE`
 */
export function openCheckout(directory: string): OpenCheckout {
  const checkout = readCheckout(directory);
  const node = nodeFor(checkout);
  return {
    versions: { langfuse: checkout.version, "langfuse's node": node.version },
    async prepare({ access }, onProgress) {
      const postgres = await migratePostgres(checkout.postgresMigrations, access.postgres.url);
      const clickhouse = await migrateClickHouse(checkout.clickhouseMigrations, access.clickhouse);
      onProgress?.(`migrations applied: ${postgres} of Postgres, ${clickhouse} of ClickHouse`);
    },
    async proveReady(stack, signal) {
      const { target, versions } = stack;
      if (versions.web !== undefined && versions.web !== checkout.version) {
        throw new ChaosError({
          code: 'E_CHECKOUT',
          happened: `The checkout ${directory} is of Langfuse ${checkout.version}, but the web that is built in it says that it is ${versions.web}.`,
          remedy: 'build it again, and run again.',
        });
      }
      await keyIsTaken(stack, signal);
      await loadRoutes(target);
    },
  };
}
