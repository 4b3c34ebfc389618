import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../command.mjs';
import { SourceError } from '../errors.mjs';
import { findOnPath } from '../executables.mjs';
import { compareVersions, findVersion } from '../versions.mjs';

/** From this version on, Go fetches a newer Go by itself where a module asks for one. */
const OLDEST_GO = '1.21';
/** Go's own time-outs are long; whether the module can be had at all shows within this time. */
const REACH_TIMEOUT_MS = 10_000;
/** A build takes one to three minutes on two cores. */
const BUILD_TIMEOUT_MS = 20 * 60_000;

/** Builds the pinned version with the user's Go; Go's checksum database vouches for the source. */
export const goInstall = {
  name: 'go install',

  async install(program, folder, { env, signal, step, register }) {
    if (!program.go) throw new SourceError('it is not a Go program');
    const go = await findOnPath('go', env);
    if (!go) throw new SourceError('Go is not on PATH');
    const { package: path, module, version, ldflags, builds } = program.go;
    const options = { cwd: folder, env: buildEnvironment(env, folder), signal };

    const goVersion = findVersion(
      await runCommand(go, ['env', 'GOVERSION'], { ...options, timeoutMs: REACH_TIMEOUT_MS }),
      /go(\d+\.\d+(?:\.\d+)?)/,
    );
    if (goVersion && compareVersions(goVersion, OLDEST_GO) < 0) {
      throw new SourceError(`Go ${goVersion} is too old, needed is ${OLDEST_GO} or newer`);
    }
    await runCommand(go, ['list', '-m', `${module}@v${version}`], {
      ...options,
      timeoutMs: REACH_TIMEOUT_MS,
    });

    let packages = 0;
    await runCommand(go, ['install', '-v', '-trimpath', '-ldflags', ldflags, `${path}@v${version}`], {
      ...options,
      timeoutMs: BUILD_TIMEOUT_MS,
      onStart: register,
      onLine: (line) => {
        if (line.startsWith('go: downloading')) step.update('fetching modules');
        else step.update(`${++packages} packages built`);
      },
    });
    const command = program.commands[0];
    if (builds !== command) await rename(join(folder, builds), join(folder, command));
    return command;
  },
};

/** The user's settings for Go, but built for this machine, without C, into our folder. */
function buildEnvironment(env, folder) {
  const { GOOS, GOARCH, ...rest } = env;
  return { ...rest, GOBIN: folder, CGO_ENABLED: '0' };
}
