import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutSecrets } from '../base/secret-settings.ts';
import type { Stack } from '../stack/stack.ts';
import type { RunFolder } from './run-folder.ts';

/** Copies the logs of the stack's processes into the run folder, without the stack's secrets. */
export function keepLogs(stack: Stack, folder: RunFolder): void {
  const source = join(stack.folder, 'logs');
  // Somebody may have ended the stack with `down` meanwhile.
  if (!existsSync(source)) return;
  mkdirSync(folder.logsFolder, { recursive: true });
  for (const name of readdirSync(source)) {
    const text = withoutSecrets(readFileSync(join(source, name), 'utf8'), stack.secrets);
    writeFileSync(join(folder.logsFolder, name), text);
  }
}
