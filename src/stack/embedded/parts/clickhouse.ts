import { compareVersions } from '../../../langfuse/profile.ts';
import { dataFolderOf } from '../../folder.ts';
import { readCheckout } from '../../source/checkout.ts';
import { clickhouseLaunch } from '../clickhouse/launch.ts';
import { HOST } from '../ports.ts';
import type { StackState } from '../state.ts';
import { CLICKHOUSE_DATABASE, CLICKHOUSE_USER, urlOf } from '../urls.ts';
import { type Part, PROBE_TIMEOUT_MS } from './part.ts';

/** By this name, random for every stack, its answers are known. */
const displayNameOf = ({ id }: StackState) => `langfuse-chaos-${id}`;

/** The oldest ClickHouse that v4 runs on (docs of self-hosting); what came before was made in the time of 24.3. */
const FOR_V4 = '25.12';
const BEFORE_V4 = '24.3';

/** With the newer version's defaults where a run goes from v3 to v4: a v3 must run on it then, too. */
function compatibilityOf({ spec, other }: Pick<StackState, 'spec' | 'other'>): string {
  const isV4 = [spec, other].some(
    (each) => each?.kind === 'source' && compareVersions(readCheckout(each.directory).version, '4.0.0') >= 0,
  );
  return isV4 ? FOR_V4 : BEFORE_V4;
}

/** The ClickHouse engine behind its HTTP front. */
export const clickhousePart: Part = {
  name: 'clickhouse',
  tcp: ['clickhouse'],
  udp: [],
  stopSignal: 'SIGTERM',
  launch: async (folder, state) =>
    clickhouseLaunch({
      dataDir: dataFolderOf(folder, 'clickhouse'),
      host: HOST,
      port: state.ports.clickhouse,
      user: CLICKHOUSE_USER,
      password: state.secrets.clickhousePassword,
      database: CLICKHOUSE_DATABASE,
      compatibility: compatibilityOf(state),
      displayName: displayNameOf(state),
    }),
  async probe(_folder, state) {
    const response = await fetch(`${urlOf(state.ports.clickhouse)}/?query=SELECT%20version()`, {
      headers: {
        'x-clickhouse-user': CLICKHOUSE_USER,
        'x-clickhouse-key': state.secrets.clickhousePassword,
      },
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const text = (await response.text()).trim();
    if (!response.ok) throw new Error(`status ${response.status}: ${text}`);
    const name = response.headers.get('x-clickhouse-server-display-name');
    if (name !== displayNameOf(state))
      throw new Error(`another ClickHouse answers, which calls itself ${name}`);
    return text;
  },
};
