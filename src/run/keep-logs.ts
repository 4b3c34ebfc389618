import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../stack/stack.ts';
import type { RunFolder } from './run-folder.ts';

/** Copies the logs of the stack's processes into the run folder, with every secret of the stack replaced. */
export function keepLogs(stack: Stack, folder: RunFolder): void {
  const source = join(stack.folder, 'logs');
  mkdirSync(folder.logsFolder, { recursive: true });
  for (const name of readdirSync(source)) {
    let text = readFileSync(join(source, name), 'utf8');
    for (const secret of secretsOf(stack)) text = text.replaceAll(secret, '[secret]');
    writeFileSync(join(folder.logsFolder, name), text);
  }
}

function secretsOf({ access, target }: Stack): string[] {
  const passwordOf = (url: string) => decodeURIComponent(new URL(url).password);
  return [
    target.secretKey,
    access.clickhouse.password,
    access.s3.secretAccessKey,
    passwordOf(access.redis.url),
    passwordOf(access.postgres.url),
  ].filter((secret) => secret !== '');
}
