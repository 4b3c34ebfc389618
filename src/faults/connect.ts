import { connect } from 'node:net';

/**
 * Opens a TCP connection and closes it again: `open`, or the system's error code such as `ECONNREFUSED`;
 * `TIMEOUT` after one second.
 */
export function tryConnect(address: { readonly host: string; readonly port: number }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port, timeout: 1000 });
    const end = (result: string) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end('open'));
    socket.once('timeout', () => end('TIMEOUT'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
