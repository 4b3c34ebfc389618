import { createRequire } from 'node:module';
import { ChaosError } from '../../base/errors.ts';
import { dataFolderOf } from '../folder.ts';
import { APP_PROCESSES, type AppProcess, COMPONENTS, LINKS } from '../stack.ts';
import { imageVariable, langfuseImage, otherImageVariable } from './images.ts';
import type { DockerPort, DockerState } from './state.ts';

/** The variable of docker-compose.yml for a port: `LANGFUSE_CHAOS_PORT_WEB_CLICKHOUSE` for `web→clickhouse`. */
const portVariable = (name: DockerPort) => `LANGFUSE_CHAOS_PORT_${name.replace(/[→-]/g, '_').toUpperCase()}`;

/**
 * The image of web or worker: the one that the user's own environment names, or that of the version.
 *
 * @param env the user's environment
 */
function imageOf(
  process: AppProcess,
  { spec, other, replaced }: DockerState,
  env: NodeJS.ProcessEnv,
): string {
  if (other && replaced.includes(process)) {
    return env[otherImageVariable(process)] || langfuseImage(process, other.version);
  }
  return env[imageVariable(process)] || langfuseImage(process, spec.version);
}

/**
 * Refuses another version whose images are those that run already, as where variables name them. The worker tells nobody its version, so
 * nothing else would show it.
 *
 * @param env the user's environment
 * @throws ChaosError `E_DOCKER_IMAGE`
 */
export function requireOtherImages(state: DockerState, env: NodeJS.ProcessEnv): void {
  if (!state.other) return;
  for (const process of APP_PROCESSES) {
    const image = imageOf(process, { ...state, replaced: [] }, env);
    if (imageOf(process, { ...state, replaced: [process] }, env) !== image) continue;
    throw new ChaosError({
      code: 'E_DOCKER_IMAGE',
      happened: `The ${process} would be replaced by the image ${image}, which it runs already.`,
      expected: 'an image of the other version',
      remedy: `see what ${imageVariable(process)} and ${otherImageVariable(process)} say; the latter names the image of the other version.`,
    });
  }
}

/**
 * The variables of docker-compose.yml for one stack. The images of all but web and worker are left to the user's own environment.
 *
 * @param env the user's environment
 */
export function composeVariables(state: DockerState, env: NodeJS.ProcessEnv): Record<string, string> {
  const { ports, secrets, redisAppendOnly } = state;
  const images = APP_PROCESSES.map((process) => [imageVariable(process), imageOf(process, state, env)]);
  const names: DockerPort[] = [...COMPONENTS, ...LINKS];
  return {
    ...Object.fromEntries(images),
    ...Object.fromEntries(names.map((name) => [portVariable(name), String(ports[name])])),
    LANGFUSE_CHAOS_REDIS_APPENDONLY: redisAppendOnly ? 'yes' : 'no',
    LANGFUSE_CHAOS_REDIS_PASSWORD: secrets.redisPassword,
    LANGFUSE_CHAOS_POSTGRES_PASSWORD: secrets.postgresPassword,
    LANGFUSE_CHAOS_CLICKHOUSE_PASSWORD: secrets.clickhousePassword,
    LANGFUSE_CHAOS_S3_ACCESS_KEY_ID: secrets.s3AccessKeyId,
    LANGFUSE_CHAOS_S3_SECRET_ACCESS_KEY: secrets.s3SecretAccessKey,
    LANGFUSE_CHAOS_DNS_TOKEN: secrets.dnsToken,
    LANGFUSE_CHAOS_HTTP_PROXY_TOKEN: secrets.httpProxyToken,
    LANGFUSE_CHAOS_PUBLIC_KEY: secrets.publicKey,
    LANGFUSE_CHAOS_SECRET_KEY: secrets.secretKey,
    LANGFUSE_CHAOS_SALT: secrets.salt,
    LANGFUSE_CHAOS_ENCRYPTION_KEY: secrets.encryptionKey,
    LANGFUSE_CHAOS_AUTH_SECRET: secrets.authSecret,
    LANGFUSE_CHAOS_USER_PASSWORD: secrets.authSecret,
  };
}

const NOTES = '/langfuse-chaos-notes';
const require = createRequire(import.meta.url);
/** What is loaded into web and worker, which are Node programs: notes of what their connections meet, a clock that can be set. */
const PRELOADS = ['exchanges', 'clock'].map((name) => ({
  source: require.resolve(`../embedded/${name}/preload.cjs`),
  target: `/langfuse-chaos-${name}.cjs`,
}));

/**
 * What is particular to one stack and has no variable, as a second compose file: its id as a label and in the environment of every
 * container, the application's settings, and the preloads of web and worker with the folder where they leave their notes.
 */
export function composeOverride(folder: string, state: DockerState): object {
  const own = { LANGFUSE_CHAOS_STACK: state.id };
  const application = (process: AppProcess) => {
    const { NODE_OPTIONS = '', ...settings } = state.settings[process] ?? {};
    const preloads = PRELOADS.map(({ target }) => `--require ${target}`).join(' ');
    return {
      labels: own,
      environment: escaped({
        ...own,
        ...settings,
        LANGFUSE_CHAOS_NOTES: NOTES,
        NODE_OPTIONS: `${preloads} ${NODE_OPTIONS}`.trim(),
      }),
      volumes: [
        { type: 'bind', source: dataFolderOf(folder, process), target: NOTES },
        ...PRELOADS.map((file) => ({ type: 'bind', ...file, read_only: true })),
      ],
    };
  };
  const others = [
    'network',
    ...COMPONENTS.filter((name) => !APP_PROCESSES.some((process) => process === name)),
  ];
  return {
    services: {
      ...Object.fromEntries(others.map((name) => [name, { labels: own, environment: own }])),
      web: application('web'),
      worker: application('worker'),
    },
  };
}

/** Compose would take a dollar sign for the beginning of a variable. */
function escaped(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replaceAll('$', '$$$$')]),
  );
}
