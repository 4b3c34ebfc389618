/**
 * The programs that npm cannot give, and where each is to be had. All versions are pinned here.
 *
 * A program:
 * - `title`: what a person calls it
 * - `commands`: names of its executable, the preferred one first
 * - `version`: finds the version in what `COMMAND --version` prints
 * - `atLeast`, `below`: the versions that fit
 * - `go`: the pinned module for `go install`; `builds` is the name of the executable that comes out
 * - `release(platform, arch)`: the pinned release's file and checksum file, undefined where there is none;
 *   `member` is the executable's path inside the archive, undefined where the file is the executable itself
 * - `apt`: Debian's package, and the file in it that is the program
 * - `brew`: Homebrew's formula
 */

const TOXIPROXY = '2.12.0';
const VERSITYGW = '1.7.0';
const VALKEY = '9.1.4';

/** Node's names of processors to those that Go's releases use. */
const GO_ARCH = { x64: 'amd64', arm64: 'arm64' };
/** Node's names of processors to those of `uname -m`, as far as releases use them. */
const UNAME_ARCH = { x64: 'x86_64', arm64: 'arm64' };

/** Names of files: Toxiproxy's .goreleaser.yml, archive `archive_binaries`, whose files are bare executables. */
function toxiproxyRelease(platform, arch) {
  if (!['linux', 'darwin'].includes(platform) || !GO_ARCH[arch]) return undefined;
  const base = `https://github.com/Shopify/toxiproxy/releases/download/v${TOXIPROXY}`;
  return {
    version: TOXIPROXY,
    command: 'toxiproxy-server',
    url: `${base}/toxiproxy-server-${platform}-${GO_ARCH[arch]}`,
    checksums: `${base}/checksums.txt`,
  };
}

/** Names of files: versitygw's .goreleaser.yaml; its archives hold one folder with the archive's name. */
function versitygwRelease(platform, arch) {
  const system = { linux: 'Linux', darwin: 'Darwin' }[platform];
  if (!system || !UNAME_ARCH[arch]) return undefined;
  const base = `https://github.com/versity/versitygw/releases/download/v${VERSITYGW}`;
  const folder = `versitygw_v${VERSITYGW}_${system}_${UNAME_ARCH[arch]}`;
  return {
    version: VERSITYGW,
    command: 'versitygw',
    url: `${base}/${folder}.tar.gz`,
    checksums: `${base}/checksums.txt`,
    member: `${folder}/versitygw`,
  };
}

/**
 * Redis publishes no binaries; Valkey, which goes on from Redis 7.2 and answers as it does, publishes them for
 * Ubuntu 22.04 ("jammy", which run on Debian 12 too). Names of files: valkey.io, templates/includes/release.html.
 */
function valkeyRelease(platform, arch) {
  if (platform !== 'linux' || !UNAME_ARCH[arch]) return undefined;
  const folder = `valkey-${VALKEY}-jammy-${UNAME_ARCH[arch]}`;
  const url = `https://download.valkey.io/releases/${folder}.tar.gz`;
  return {
    version: VALKEY,
    command: 'valkey-server',
    url,
    checksums: `${url}.sha256`,
    member: `${folder}/bin/valkey-server`,
  };
}

/** Every program by its key; the keys are those that {@link resolvePrograms} answers with. */
export const PROGRAMS = {
  toxiproxy: {
    title: 'Toxiproxy',
    commands: ['toxiproxy-server'],
    version: /version v?(\d+\.\d+\.\d+)/,
    atLeast: TOXIPROXY,
    below: '3.0.0',
    go: {
      package: 'github.com/Shopify/toxiproxy/v2/cmd/server',
      module: 'github.com/Shopify/toxiproxy/v2',
      version: TOXIPROXY,
      // Without it the program calls itself "git".
      ldflags: `-s -w -X github.com/Shopify/toxiproxy/v2.Version=${TOXIPROXY}`,
      builds: 'server',
    },
    release: toxiproxyRelease,
    brew: 'toxiproxy',
  },
  redis: {
    title: 'Redis',
    commands: ['redis-server', 'valkey-server'],
    version: /\bv=(\d+\.\d+\.\d+)/,
    atLeast: '7.0.0',
    release: valkeyRelease,
    // The package redis-server is a link to this file and a system service on port 6379; we want no service.
    apt: { package: 'redis-tools', file: '/usr/bin/redis-check-rdb' },
    brew: 'redis',
  },
  versitygw: {
    title: 'the S3 server versitygw',
    commands: ['versitygw'],
    version: /Version\s*:\s*v?(\d+\.\d+\.\d+)/,
    atLeast: VERSITYGW,
    below: '2.0.0',
    go: {
      package: 'github.com/versity/versitygw/cmd/versitygw',
      module: 'github.com/versity/versitygw',
      version: VERSITYGW,
      ldflags: `-s -w -X main.Version=${VERSITYGW}`,
      builds: 'versitygw',
    },
    release: versitygwRelease,
  },
};
