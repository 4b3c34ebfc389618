import { connect } from 'node:net';

/** Milliseconds for the whole attempt. */
const TIMEOUT_MS = 1000;
/** A proxy whose upstream is away closes what it has accepted within a few milliseconds. */
const STAYS_OPEN_MS = 100;

/**
 * Opens a TCP connection and closes it again: `open` when it was accepted and not closed at once, `closed` when it was, or
 * the system's error code such as `ECONNREFUSED`; `TIMEOUT` after one second.
 */
export function tryConnect(address: { readonly host: string; readonly port: number }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port, timeout: TIMEOUT_MS });
    let stays: NodeJS.Timeout | undefined;
    const end = (result: string) => {
      clearTimeout(stays);
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => {
      stays = setTimeout(end, STAYS_OPEN_MS, 'open');
      socket.resume();
    });
    socket.once('end', () => end('closed'));
    socket.once('timeout', () => end('TIMEOUT'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
