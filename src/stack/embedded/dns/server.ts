import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { decode, encode, type Packet, streamEncode } from 'dns-packet';
import type { AppProcess, DnsQuery } from '../../stack.ts';
import { type Answer, answerOverTcp, answerOverUdp, type View } from './answers.ts';
import type { DnsConfig } from './config.ts';
import { isOwnLook } from './own-look.ts';

/** How many questions are remembered. */
const KEPT_QUERIES = 10_000;

/** The running DNS server: what its control interface changes and reads. */
export interface DnsServer {
  readonly views: Readonly<Record<AppProcess, View>>;
  /** What the processes asked, oldest first. */
  readonly queries: readonly DnsQuery[];
}

/** Starts to answer on the ports of both views; rejects when one of them is taken. */
export async function serveDns(config: DnsConfig): Promise<DnsServer> {
  const newView = (): View => ({
    names: new Set(config.names),
    address: config.host,
    faults: new Map(),
    fault: undefined,
  });
  const views = { web: newView(), worker: newView() };
  const queries: DnsQuery[] = [];

  const note = (
    from: AppProcess,
    transport: DnsQuery['transport'],
    query: Packet,
    { answer, fault }: Answer,
  ) => {
    if (isOwnLook(query)) return;
    const { name = '', type = '' } = query.questions?.[0] ?? {};
    const asked = { at: Date.now(), from, name: name.toLowerCase(), type, transport, answer };
    queries.push(fault ? { ...asked, fault } : asked);
    if (queries.length > KEPT_QUERIES) queries.shift();
  };

  await Promise.all(
    (['web', 'worker'] as const).flatMap((from) => {
      const overUdp = (query: Packet) => {
        const answer = answerOverUdp(views[from], query);
        note(from, 'udp', query, answer);
        return answer;
      };
      const overTcp = (query: Packet) => {
        const answer = answerOverTcp(views[from], query, Date.now());
        note(from, 'tcp', query, answer);
        return answer;
      };
      const { host = config.host, udp, tcp } = config.views[from];
      return [listenUdp(host, udp, overUdp), listenTcp(host, tcp, overTcp)];
    }),
  );
  return { views, queries };
}

type Answering = (query: Packet) => Answer;

function listenUdp(host: string, port: number, answer: Answering): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const query = readQuery(message);
    const response = query && answer(query).response;
    if (response) socket.send(encode(response), from.port, from.address);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port, exclusive: true }, resolve);
  });
}

function listenTcp(host: string, port: number, answer: Answering): Promise<void> {
  const server = createServer((socket) => answerStream(socket, answer));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

/** Over TCP each message follows its length in two bytes, and one connection may carry several (RFC 1035, section 4.2.2). */
function answerStream(socket: Socket, answer: Answering): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const query = readQuery(pending.subarray(2, end));
      const done = query && answer(query);
      if (!done || done.answer === 'cut') {
        socket.destroy();
        return;
      }
      if (done.response) write(socket, streamEncode(done.response), done.delayMs);
      pending = pending.subarray(end);
    }
  });
  // A connection that a fault cut off is no error of the server's.
  socket.on('error', () => socket.destroy());
}

/** A resolver that does not wait so long has gone by then. */
function write(socket: Socket, bytes: Buffer, delayMs = 0): void {
  if (delayMs === 0) socket.write(bytes);
  else setTimeout(() => socket.writable && socket.write(bytes), delayMs);
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
