import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { decode, encode, type Packet, streamEncode } from 'dns-packet';
import type { AppProcess, DnsQuery, ZoneFault } from '../../stack.ts';
import { type Answer, answerFrom, truncated, type View } from './answers.ts';
import type { DnsConfig } from './config.ts';

/** How many questions are remembered. */
const KEPT_QUERIES = 10_000;

/** The running DNS server: what its control interface changes and reads. */
export interface DnsServer {
  readonly names: ReadonlySet<string>;
  readonly faults: Readonly<Record<AppProcess, Map<string, ZoneFault>>>;
  /** Oldest first. */
  readonly queries: readonly DnsQuery[];
}

/** Starts to answer on the ports of both views; rejects when one of them is taken. */
export async function serveDns(config: DnsConfig): Promise<DnsServer> {
  const names = new Set(config.names);
  const faults = { web: new Map<string, ZoneFault>(), worker: new Map<string, ZoneFault>() };
  const queries: DnsQuery[] = [];

  const note = (from: AppProcess, transport: DnsQuery['transport'], query: Packet, { answer }: Answer) => {
    const { name = '', type = '' } = query.questions?.[0] ?? {};
    queries.push({ at: Date.now(), from, name: name.toLowerCase(), type, transport, answer });
    if (queries.length > KEPT_QUERIES) queries.shift();
  };

  await Promise.all(
    (['web', 'worker'] as const).flatMap((from) => {
      const view: View = { names, address: config.host, faults: faults[from] };
      const overUdp = (query: Packet) => {
        const answer = truncated(query);
        note(from, 'udp', query, answer);
        return encode(answer.response);
      };
      const overTcp = (query: Packet) => {
        const answer = answerFrom(view, query);
        note(from, 'tcp', query, answer);
        return streamEncode(answer.response);
      };
      return [
        listenUdp(config.host, config.views[from].udp, overUdp),
        listenTcp(config.host, config.views[from].tcp, overTcp),
      ];
    }),
  );
  return { names, faults, queries };
}

type Reply = (query: Packet) => Buffer;

function listenUdp(host: string, port: number, reply: Reply): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const query = readQuery(message);
    if (query) socket.send(reply(query), from.port, from.address);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port, exclusive: true }, resolve);
  });
}

function listenTcp(host: string, port: number, reply: Reply): Promise<void> {
  const server = createServer((socket) => answerStream(socket, reply));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

/** Over TCP each message follows its length in two bytes, and one connection may carry several (RFC 1035, section 4.2.2). */
function answerStream(socket: Socket, reply: Reply): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const query = readQuery(pending.subarray(2, end));
      if (!query) {
        socket.destroy();
        return;
      }
      socket.write(reply(query));
      pending = pending.subarray(end);
    }
  });
  // A connection that a fault cut off is no error of the server's.
  socket.on('error', () => socket.destroy());
}

/** The query in a message; undefined when it is none, or is a response, which must not be answered. */
function readQuery(message: Buffer): Packet | undefined {
  try {
    const packet = decode(message);
    return packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined;
  }
}
