import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';

/**
 * The one connection to the server that belongs to one connection from the application, so that keep-alive, and the end of
 * an idle connection, are between the two as if nothing stood in between.
 */
export class Upstream {
  readonly #agent: Agent;
  readonly #downstream: Socket;
  readonly #address: { readonly host: string; readonly port: number };
  #socket: Socket | undefined;
  #exchanges = 0;

  constructor(downstream: Socket, address: { readonly host: string; readonly port: number }) {
    this.#downstream = downstream;
    this.#address = address;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.#agent.createConnection = () => {
      const socket = connect(address);
      this.#socket = socket;
      socket.on('close', () => {
        if (this.#socket === socket) this.#closeIfIdle();
      });
      return socket;
    };
    downstream.on('close', () => {
      this.#agent.destroy();
      this.#socket?.destroy();
    });
    // What was broken off is closed; there is nobody to tell.
    downstream.on('error', () => downstream.destroy());
  }

  /** Begins a request with exactly the headers of another. */
  request(like: IncomingMessage, headers: readonly string[]): ClientRequest {
    return request({
      ...this.#address,
      agent: this.#agent,
      method: like.method ?? 'GET',
      path: like.url ?? '/',
      headers,
    });
  }

  /** An exchange has begun: the connection from the application outlives that to the server until it is answered. */
  begin(): void {
    this.#exchanges += 1;
  }

  /** An exchange has ended. */
  end(): void {
    this.#exchanges -= 1;
    if (this.#socket?.destroyed) this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    if (this.#exchanges === 0) this.#downstream.destroySoon();
  }
}
