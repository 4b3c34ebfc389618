import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { requireStartable } from '../stacks.ts';
import { requireDocker } from './require-docker.ts';

let empty: string;
beforeEach(() => {
  empty = mkdtempSync(join(tmpdir(), 'no-docker-'));
  // No command docker is found.
  vi.stubEnv('PATH', empty);
  vi.stubEnv('DOCKER_HOST', `unix://${empty}/nowhere.sock`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(empty, { recursive: true });
});

test('an engine and a compose plugin that are missing are both told at once', async () => {
  await expect(requireDocker()).rejects.toMatchObject({
    code: 'E_DOCKER_ENGINE',
    parts: {
      happened: expect.stringMatching(
        /^No Docker engine answers: .*\. The command `docker compose` does not work here\.$/,
      ),
      remedy: expect.stringMatching(/start Docker.*docker-compose-plugin/),
    },
  });
});

test('it is seen without starting anything', async () => {
  await expect(requireStartable({ kind: 'docker' })).rejects.toMatchObject({ code: 'E_DOCKER_ENGINE' });
  await expect(requireStartable({ kind: 'source', directory: empty })).rejects.toMatchObject({
    code: 'E_CHECKOUT',
  });
  await expect(requireStartable({ kind: 'external', file: join(empty, 'a.yml') })).rejects.toMatchObject({
    code: 'E_EXTERNAL_FILE',
  });
  await expect(requireStartable({ kind: 'embedded', pipeline: 'safe' })).resolves.toBeUndefined();
});
