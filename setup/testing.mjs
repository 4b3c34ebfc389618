/** Helpers of set-up's tests: real folders, real executables (shell scripts), a real HTTP server. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is removed when the test ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'set-up-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable shell script. */
export function writeScript(path, body) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The text of a script that answers `--version` as the program of {@link fakeProgram} does. */
export const thing = (version) => `echo "thing version ${version}"`;

/** A program of the catalogue's shape, wanted from 2.0.0 and below 3.0.0. */
export const fakeProgram = (parts = {}) => ({
  title: 'Thing',
  commands: ['thing-server'],
  version: /version (\d+\.\d+\.\d+)/,
  atLeast: '2.0.0',
  below: '3.0.0',
  ...parts,
});

/** An empty machine: `bin` is all there is on PATH, and the cache is empty. */
export function emptyMachine() {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  return {
    folder,
    bin,
    cache: join(folder, 'cache'),
    env: { PATH: bin, LANGFUSE_CHAOS_CACHE: join(folder, 'cache') },
  };
}

/** An HTTP server on loopback that is closed when the test ends; `url` has no slash at its end. */
export async function standIn(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, server };
}

/** A stand-in for a release page: files by name, as `/NAME`. */
export async function releasePage(files) {
  const asked = [];
  const { url } = await standIn((request, response) => {
    const name = request.url.slice(1);
    asked.push(name);
    const body = files[name];
    if (body === undefined) response.writeHead(404).end();
    else response.end(body);
  });
  return { url, asked };
}

export const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** A progress that keeps its lines. */
export function recordProgress() {
  const lines = [];
  const step = (title) => ({
    update: (text) => lines.push(`${title}, ${text}`),
    hold: (text) => lines.push(`${title}: ${text}`),
    done: (text = 'done') => lines.push(`${title}: ${text}`),
    failed: (text) => lines.push(`${title}: ${text}`),
  });
  return { lines, note: (text) => lines.push(text), step };
}
