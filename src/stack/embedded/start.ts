import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolderOf, FOLDER_MODE, stacksFolder } from '../folder.ts';
import { HTTP_LINKS } from '../http.ts';
import { choosePorts, startOnFreePorts } from '../new-ports.ts';
import { newStartedState } from '../new-state.ts';
import { removeStack } from '../remove.ts';
import { openCheckout } from '../source/open.ts';
import { DEFAULT_SPEC, type StackSpec } from '../spec.ts';
import { COMPONENTS, type Component, LINKS, type Stack, type StackOptions } from '../stack.ts';
import { createState } from '../state.ts';
import { attachEmbeddedStack } from './attach.ts';
import { bringUp } from './bring-up.ts';
import { populateLinks } from './links.ts';
import { partOf } from './parts/parts.ts';
import { type LocalSpec, type PortName, readState, type StackState, updateState } from './state.ts';

const INFRASTRUCTURE = ['toxiproxy', 'dns', 'http-proxy', 'redis', 'postgres', 's3', 'clickhouse'] as const;
const APPLICATION = ['web', 'worker'] as const;
/**
 * Starts a whole stack and resolves when every component answers.
 *
 * @throws ChaosError `E_STACK_START`, `E_PORT_TAKEN`, `E_PROGRAM`, `E_POSTGRES`, `E_LINKS`, `E_PORTS`, `E_STACK_FOLDER`, `E_CHECKOUT`,
 *   `E_CHECKOUT_NODE`, `E_CHECKOUT_NOT_READY`, `E_MIGRATION`; the reason of `options.signal` when that aborts. In each case nothing of the stack is left.
 */
export async function startEmbeddedStack(options: StackOptions): Promise<Stack> {
  return startOnFreePorts(() => startOnce(options), options.onProgress);
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
  const spec = options.spec ?? DEFAULT_SPEC;
  const { other } = options;
  requireLocal(spec);
  if (other) requireLocal(other);
  const http = HTTP_LINKS.map((link) => `http:${link}` as const);
  const state: StackState = {
    ...newStartedState(spec, options),
    ...(other ? { other } : {}),
    ports: await choosePorts<PortName>([...COMPONENTS, 'dns:web', 'dns:worker', ...http, ...LINKS]),
    components: {},
    versions: {
      node: process.versions.node,
      ...(spec.kind === 'embedded' ? { 'reference pipeline': spec.pipeline } : {}),
      ...versionsOfCheckout,
    },
  };
  const folder = join(stacksFolder(), state.id);
  createState(folder, state);
  return folder;
}

function requireLocal(spec: StackSpec): asserts spec is LocalSpec {
  if (spec.kind !== 'embedded' && spec.kind !== 'source')
    throw new Error(`a stack of kind ${spec.kind} has no local processes`);
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
