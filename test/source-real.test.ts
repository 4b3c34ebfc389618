import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, temporaryReports } from './support/cli.ts';

/*
 * Scenarios on a real Langfuse: LANGFUSE_DIR names a built checkout. Without it there is nothing to run them on; docs/fidelity.md has what
 * came of it. On a machine that is busy, some events may be late, which fails `steady-state`.
 */
const directory = process.env.LANGFUSE_DIR;
const MINUTES = 60_000;

describe.runIf(directory)('on the checkout that LANGFUSE_DIR names', () => {
  test.each(['steady-state', 'clickhouse-blip', 'clickhouse-outage', 'worker-killed'])(
    '%s ends as its scenario says',
    { timeout: 15 * MINUTES },
    async (scenario) => {
      using reports = temporaryReports();
      const stack = `source:${resolve(directory ?? '')}`;
      const { code, stdout, stderr } = await runCli(
        ['run', scenario, '--seed', '1', '--stack', stack, '--as-expected'],
        reports.path,
      );
      expect({ code, said: code === 0 ? '' : `${stdout}\n${stderr}` }).toEqual({ code: 0, said: '' });
    },
  );
});
