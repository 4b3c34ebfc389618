import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../base/clock.ts';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { createScrubber } from '../scrubber.ts';
import { createRecording } from './format.ts';
import { passOn } from './proxy.ts';
import { createTape, type Tape } from './tape.ts';

/** Milliseconds that open exchanges get to end when the recorder is closed. */
const CLOSING_MS = 5_000;

/** What is recorded, and where. */
export interface RecorderOptions {
  /** Base URL of the Langfuse that requests are passed on to. */
  readonly target: string;
  /** The file that is made; it must not exist yet. */
  readonly file: string;
  /** What the recording was made with, for its header. */
  readonly madeWith: string;
  /** Port on 127.0.0.1; any free one unless told. */
  readonly port?: number;
  /** Texts that are removed from bodies, besides the keys that the requests themselves are authorized with. */
  readonly secrets?: readonly string[];
  readonly clock?: Clock;
  /** Called once when the file can no longer be written; recording has ended by then, passing on goes on. */
  readonly onError?: (error: unknown) => void;
}

/** A recorder at work. */
export interface Recorder extends AsyncDisposable {
  /** What the application has to be pointed at instead of Langfuse. */
  readonly url: string;
  /** Requests in the file so far. */
  readonly recorded: number;
  /** Requests to the public API that were passed on and not recorded, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Lets open exchanges end, writes the last line and stops listening. Without it the file counts as cut off. */
  close(): Promise<void>;
}

/**
 * Starts a reverse proxy that passes everything on unchanged and records each `POST /api/public/…` that the target
 * answers with 2xx. A request that the target refused or failed is left out, since the application will send it again.
 *
 * @throws ChaosError `E_RECORDING_WRITE`, `E_TARGET_URL` or `E_PORT`
 */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const clock = options.clock ?? systemClock;
  const target = parseTarget(options.target);
  const port = options.port ?? 0;
  const server = createServer({ maxHeaderSize: 64 * 1024 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(portError(port, cause)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const startedAt = clock.now();
  const tape = openTape(options, startedAt, () => server.close());
  server.on('request', (incoming, outgoing) => {
    const offsetMs = clock.now() - startedAt;
    const path = (incoming.url ?? '/').split('?', 1)[0] as string;
    const wanted = incoming.method === 'POST' && path.startsWith('/api/public/');
    passOn(incoming, outgoing, target, wanted, (status, body) => {
      if (wanted) tape.add({ offsetMs, path, status, headers: incoming.headers, body });
    });
  });

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeServer(server, clock).then(() => tape.finish());
    return closing;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get recorded() {
      return tape.recorded();
    },
    leftOut: tape.leftOut,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function openTape(options: RecorderOptions, startedAt: number, onFailure: () => void): Tape {
  try {
    const header = { startedAt: new Date(startedAt).toISOString(), madeWith: options.madeWith };
    const file = createRecording(options.file, header);
    return createTape(file, createScrubber(options.secrets ?? []), options.onError ?? (() => undefined));
  } catch (error) {
    onFailure();
    throw error;
  }
}

/** Lets open exchanges end, for a while. */
async function closeServer(server: Server, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const early = new AbortController();
  const cutOff = clock.sleep(CLOSING_MS, early.signal).then(
    () => server.closeAllConnections(),
    () => undefined,
  );
  await closed;
  early.abort();
  await cutOff;
}

function parseTarget(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new ChaosError({
    code: 'E_TARGET_URL',
    happened: `The target's address ${JSON.stringify(text)} is no URL.`,
    expected: 'for example http://127.0.0.1:3000',
    remedy: 'correct the address.',
  });
}

function portError(port: number, cause: Error): ChaosError {
  return new ChaosError({
    code: 'E_PORT',
    happened: `The recorder cannot listen on 127.0.0.1:${port}: ${messageOf(cause)}.`,
    remedy: 'choose another port, or leave it out for any free one.',
    cause,
  });
}
