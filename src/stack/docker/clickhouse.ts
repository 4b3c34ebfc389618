import { ChaosError } from '../../base/errors.ts';
import type { ClickHouseControl } from '../clickhouse-control.ts';

const notOffered = (): Promise<never> => {
  throw new ChaosError({
    code: 'E_NOT_ON_STACK',
    happened: 'The ClickHouse of a stack of containers is only started, stopped, killed and paused.',
    expected:
      'a fault of another group; `langfuse-chaos run` refuses those that need more before it starts anything',
    remedy: 'use the embedded stack for it.',
  });
};

/** Why {@link clickhouseOfContainer} does nothing. */
export const CLICKHOUSE_LACK =
  'the server in the container takes its settings and its data from its image, which the harness leaves as it is';

/** What the embedded stack's engine can do, a container's server is not asked to. */
export const clickhouseOfContainer: ClickHouseControl = {
  setProfile: notOffered,
  clearProfile: notOffered,
  wipe: notOffered,
};
