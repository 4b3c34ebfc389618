import { chmod, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runCommand } from '../command.mjs';
import { fetchFile, fetchText, findChecksum } from '../download.mjs';
import { SourceError } from '../errors.mjs';

const UNPACK_TIMEOUT_MS = 60_000;

/** Downloads the pinned release's file and holds it against that release's own checksum file. */
export const releaseDownload = {
  name: 'download',

  async install(program, folder, { env, platform, arch, signal, patience, step }) {
    const release = program.release?.(platform, arch);
    if (!release) throw new SourceError(`there is no release for ${platform} ${arch}`);
    const { command, url, checksums, member } = release;
    const name = basename(new URL(url).pathname);

    const expected = findChecksum(await fetchText(checksums, { signal, patience }), name);
    if (!expected) throw new SourceError(`${checksums} has no checksum of ${name}`);
    const file = join(folder, 'download');
    const actual = await fetchFile(url, file, {
      signal,
      patience,
      onProgress: (bytes, total) =>
        step.update(`${megabytes(bytes)}${total ? ` of ${megabytes(total)}` : ''} MB`),
    });
    if (actual !== expected) {
      throw new SourceError(
        `${url} is not what was released: its SHA-256 is ${actual}, the release says ${expected}`,
      );
    }

    if (member) {
      await runCommand('tar', ['-xzf', file, '-C', folder, member], {
        env,
        signal,
        timeoutMs: UNPACK_TIMEOUT_MS,
      });
      await rename(join(folder, member), join(folder, command));
      await rm(join(folder, member.split('/')[0]), { recursive: true });
      await rm(file);
    } else {
      await rename(file, join(folder, command));
    }
    await chmod(join(folder, command), 0o755);
    return command;
  },
};

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
