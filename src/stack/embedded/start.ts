import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChaosError } from '../../base/errors.ts';
import { dataFolderOf, FOLDER_MODE, stacksFolder } from '../folder.ts';
import { HTTP_LINKS } from '../http.ts';
import { identify } from '../processes.ts';
import { listStacks, removeStack } from '../remove.ts';
import { openCheckout } from '../source/open.ts';
import { DEFAULT_SPEC, type StackSpec } from '../spec.ts';
import { COMPONENTS, type Component, LINKS, type Stack, type StackOptions } from '../stack.ts';
import { createState, stateIn } from '../state.ts';
import { attachEmbeddedStack } from './attach.ts';
import { bringUp } from './bring-up.ts';
import { populateLinks } from './links.ts';
import { partOf } from './parts/parts.ts';
import { choosePort } from './ports.ts';
import {
  type LocalSpec,
  type PortName,
  readState,
  type Secrets,
  type StackState,
  updateState,
} from './state.ts';

const INFRASTRUCTURE = ['toxiproxy', 'dns', 'http-proxy', 'redis', 'postgres', 's3', 'clickhouse'] as const;
const APPLICATION = ['web', 'worker'] as const;
/** Another process may take a port between choosing and listening: the stack is then started again with other ports. */
const START_TRIES = 4;

/**
 * Starts a whole stack and resolves when every component answers.
 *
 * @throws ChaosError `E_STACK_START`, `E_PORT_TAKEN`, `E_PROGRAM`, `E_POSTGRES`, `E_LINKS`, `E_PORTS`, `E_STACK_FOLDER`, `E_CHECKOUT`,
 *   `E_CHECKOUT_NODE`, `E_CHECKOUT_NOT_READY`, `E_MIGRATION`; the reason of `options.signal` when that aborts. In each case nothing of the stack is left.
 */
export async function startEmbeddedStack(options: StackOptions): Promise<Stack> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      const again = error instanceof ChaosError && error.code === 'E_PORT_TAKEN' && tries < START_TRIES;
      if (!again) throw error;
      options.onProgress?.('a port was taken meanwhile; starting again with others');
    }
  }
}

async function startOnce({ signal: interrupted, onProgress, ...options }: StackOptions): Promise<Stack> {
  interrupted?.throwIfAborted();
  const checkout = options.spec?.kind === 'source' ? openCheckout(options.spec.directory) : undefined;
  // Seen now, and not in the middle of a run.
  if (options.other?.kind === 'source') openCheckout(options.other.directory);
  const folder = await createStack(options, checkout?.versions);
  // When one component fails, the others need not be waited for.
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(interrupted ? [interrupted] : [])]);
  const start = async (names: readonly Component[]) => {
    // Waited for to the end: none may be started after the stack was removed.
    await Promise.all(
      names.map((name) =>
        startComponent(name, folder, signal, onProgress).catch((error) => failed.abort(error)),
      ),
    );
    signal.throwIfAborted();
  };
  try {
    for (const name of COMPONENTS) await mkdir(dataFolderOf(folder, name), { mode: FOLDER_MODE });
    await start(INFRASTRUCTURE);
    await populateLinks(readState(folder));
    await checkout?.prepare(await attachEmbeddedStack(folder), onProgress);
    await start(APPLICATION);
    await checkout?.proveReady(await attachEmbeddedStack(folder), signal);
    return await attachEmbeddedStack(folder);
  } catch (error) {
    await removeStack(folder);
    throw error;
  }
}

/** Makes the stack's folder and chooses all that is random. */
async function createStack(
  options: Pick<StackOptions, 'settings' | 'spec' | 'other' | 'redisAppendOnly' | 'byHand'>,
  versionsOfCheckout: Readonly<Record<string, string>> = {},
): Promise<string> {
  const id = randomBytes(5).toString('hex');
  const folder = join(stacksFolder(), id);
  const spec = options.spec ?? DEFAULT_SPEC;
  const { other } = options;
  requireLocal(spec);
  if (other) requireLocal(other);
  const owner = identify(process.pid);
  if (!owner) throw new Error('this process does not find itself');
  const state: StackState = {
    version: 2,
    id,
    owner,
    detached: false,
    byHand: options.byHand ?? false,
    redisAppendOnly: options.redisAppendOnly ?? true,
    settings: options.settings ?? {},
    spec,
    ...(other ? { other } : {}),
    secrets: randomSecrets(),
    ports: await choosePorts(),
    components: {},
    versions: {
      node: process.versions.node,
      ...(spec.kind === 'embedded' ? { 'reference pipeline': spec.pipeline } : {}),
      ...versionsOfCheckout,
    },
  };
  createState(folder, state);
  return folder;
}

function requireLocal(spec: StackSpec): asserts spec is LocalSpec {
  if (spec.kind !== 'embedded' && spec.kind !== 'source')
    throw new Error(`a stack of kind ${spec.kind} has no local processes`);
}

async function choosePorts(): Promise<StackState['ports']> {
  const taken = await portsOfOthers();
  const http = HTTP_LINKS.map((link) => `http:${link}` as const);
  const names: PortName[] = [...COMPONENTS, 'dns:web', 'dns:worker', ...http, ...LINKS];
  const ports: Partial<Record<PortName, number>> = {};
  for (const name of names) ports[name] = await choosePort(taken);
  return ports as StackState['ports'];
}

/** Those of other stacks too: one that is killed at the moment needs its port again. */
export async function portsOfOthers(): Promise<Set<number>> {
  const stacks = await listStacks();
  // One may be removed at this moment.
  return new Set(
    stacks.flatMap(({ folder }) =>
      Object.values((stateIn(folder) as Partial<StackState> | undefined)?.ports ?? {}),
    ),
  );
}

/** The passwords, keys and tokens of one stack, from the operating system's generator; the lengths are those that Langfuse takes. */
export function randomSecrets(): Secrets {
  const secret = () => randomBytes(18).toString('hex');
  return {
    redisPassword: secret(),
    postgresPassword: secret(),
    clickhousePassword: secret(),
    s3AccessKeyId: randomBytes(10).toString('hex'),
    s3SecretAccessKey: secret(),
    dnsToken: secret(),
    httpProxyToken: secret(),
    publicKey: `pk-lf-${randomUUID()}`,
    secretKey: `sk-lf-${randomUUID()}`,
    salt: secret(),
    encryptionKey: randomBytes(32).toString('hex'),
    authSecret: secret(),
  };
}

async function startComponent(
  name: Component,
  folder: string,
  signal: AbortSignal,
  onProgress: StackOptions['onProgress'],
): Promise<void> {
  const part = partOf(name, readState(folder));
  await part.prepare?.(folder, readState(folder));
  const version = await bringUp(part, folder, signal);
  if (version) updateState(folder, ({ versions }) => ({ versions: { ...versions, [name]: version } }));
  onProgress?.(`${name} is up${version ? ` (${version})` : ''}`);
}
