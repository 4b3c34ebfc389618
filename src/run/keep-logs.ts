import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutSecrets } from '../base/secret-settings.ts';
import type { Stack } from '../stack/stack.ts';
import { type RunFolder, writing } from './run-folder.ts';

/** Copies the logs of the stack's processes into the run folder, without the stack's secrets. @throws ChaosError `E_RUN_FOLDER` when they can't be written */
export function keepLogs(stack: Stack, folder: RunFolder): void {
  const source = join(stack.folder, 'logs');
  // Somebody may have ended the stack with `down` meanwhile.
  if (!existsSync(source)) return;
  writing(folder.logsFolder, () => mkdirSync(folder.logsFolder, { recursive: true }));
  for (const name of readdirSync(source)) {
    const text = withoutSecrets(readFileSync(join(source, name), 'utf8'), stack.secrets);
    folder.write(join(folder.logsFolder, name), text);
  }
}
