import { ChaosError } from '../../base/errors.ts';
import type { ClickHouseControl } from '../clickhouse-control.ts';
import { recreate } from './compose.ts';
import { containerOf, engineOf } from './engine.ts';
import { keepLogOf } from './logs.ts';
import { projectOf, readDockerState } from './state.ts';

/** What the server in the container can't be made to do: its settings come from its image, which the harness leaves as it is. */
const notOffered = (): Promise<never> => {
  throw new ChaosError({
    code: 'E_NOT_ON_STACK',
    happened: 'Settings cannot be put upon the queries of the ClickHouse in a container.',
    expected: 'another fault; `langfuse-chaos run` refuses those that need it before it starts anything',
    remedy: 'use the embedded stack for it.',
  });
};

/** Hold of the ClickHouse of the stack in a folder: its data can be deleted, nothing more. */
export function dockerClickHouse(folder: string): ClickHouseControl {
  return {
    setProfile: notOffered,
    clearProfile: async () => {},
    async wipe() {
      const state = readDockerState(folder);
      const engine = await engineOf(state.dockerHost);
      await keepLogOf(engine, state.id, folder, 'clickhouse');
      const container = await containerOf(engine, state.id, 'clickhouse');
      await container.remove({ force: true, v: true });
      await engine.getVolume(`${projectOf(state.id)}_clickhouse`).remove();
      await recreate(folder, state, 'clickhouse', { start: false });
    },
  };
}
