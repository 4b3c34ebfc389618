import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HIDDEN } from '../../base/secret-settings.ts';
import { dataFolderOf } from '../folder.ts';
import { identify } from '../processes.ts';
import { randomSecrets } from '../secrets.ts';
import { createState } from '../state.ts';
import { bringUp } from './bring-up.ts';
import type { Part } from './parts/part.ts';
import type { StackState } from './state.ts';

test('a component that logs secrets and ends: the error shows its last lines without them', async () => {
  const root = mkdtempSync(join(tmpdir(), 'bring-up-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = join(root, '0123456789');
  const secrets = randomSecrets();
  const salt = 'a "salt" of the user’s own';
  createState(folder, {
    ...{ version: 2, id: '0123456789', spec: { kind: 'embedded', pipeline: 'v3.36.0' }, detached: false },
    ...{ owner: identify(process.pid), byHand: false, redisAppendOnly: true },
    ...{ ports: {}, components: {}, versions: {}, secrets, settings: { web: { SALT: salt } } },
  } as unknown as StackState);
  mkdirSync(dataFolderOf(folder, 'web'), { recursive: true });
  const words = `redis://:${secrets.redisPassword}@host ${JSON.stringify({ salt })}`;
  const web: Part = {
    ...{ name: 'web', tcp: [], udp: [], stopSignal: 'SIGTERM' },
    launch: async () => ({
      command: '/bin/sh',
      args: ['-c', 'echo "$WORDS"; exit 1'],
      env: { WORDS: words },
    }),
    probe: () => Promise.reject(new Error('no answer')),
  };
  await expect(bringUp(web, folder)).rejects.toMatchObject({
    code: 'E_STACK_START',
    parts: { log: [`redis://:${HIDDEN}@host {"salt":"${HIDDEN}"}`] },
  });
});
