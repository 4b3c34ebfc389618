import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { compareCommand } from './compare.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'compare-'));
  vi.stubEnv('TMPDIR', root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

test.each([
  ['first is no checkout', 'source:/nowhere', 'embedded', 'E_CHECKOUT', 'compare'],
  ['second is no checkout', 'embedded', 'source:/nowhere', 'E_CHECKOUT', 'compare'],
  ['first is no run', 'run:nowhere', 'embedded', 'E_RUN_FOLDER', 'compare'],
  ['engine of the first is away', 'docker:3.36.0', 'embedded', 'E_DOCKER_ENGINE', 'compare steady-state'],
  ['engine of the second is away', 'embedded', 'docker:3.36.0', 'E_DOCKER_ENGINE', 'compare steady-state'],
])('when the %s, no JUnit file of before is left', async (_what, from, to, code, name) => {
  vi.stubEnv('DOCKER_HOST', `unix://${root}/nowhere.sock`);
  const junit = join(root, 'junit.xml');
  writeFileSync(junit, '<testsuites></testsuites>');
  const words = ['--from', from, '--to', to, '--scenarios', 'steady-state', '--seed', '7', '--junit', junit];
  await expect(compareCommand().parseAsync(words, { from: 'user' })).rejects.toMatchObject({ code });
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toContain(`name="langfuse-chaos.${name}"`);
  expect(xml).toContain(' --seed 7');
  expect(xml).toContain('message="The command ended before it was carried out."');
});
