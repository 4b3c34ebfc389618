import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bindFault } from '../../faults/catalogue.ts';
import { Journal, openFaults } from '../journal.ts';
import { RunFolder } from '../run-folder.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Refuses what is written to it the way a full disk does (Linux, see full(4)). */
const FULL = '/dev/full';

test.skipIf(!existsSync(FULL))('a log that cannot be written does not keep it from its work', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'watchdog-'));
  const log = openSync(FULL, 'w');
  try {
    const folder = new RunFolder(join(temporary, 'run'));
    mkdirSync(folder.path);
    new Journal(folder.journalFile, join(temporary, 'gone')).injecting(
      bindFault({ name: 'killed', on: 'worker' }),
    );
    const watchdog = spawn(
      process.execPath,
      [MAIN, folder.path, String(process.pid), 'before this process'],
      {
        stdio: ['ignore', log, log],
        env: { ...process.env, TMPDIR: temporary },
      },
    );
    expect(await once(watchdog, 'exit')).toEqual([0, null]);
    expect(openFaults(folder.journalFile)).toEqual([]);
  } finally {
    closeSync(log);
    rmSync(temporary, { recursive: true });
  }
});
