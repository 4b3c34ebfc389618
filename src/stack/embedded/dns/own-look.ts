import { connect } from 'node:net';
import { type OptAnswer, type Packet, streamDecode, streamEncode } from 'dns-packet';

/** An EDNS option; 65001 is for local use (RFC 6891, section 9), which the library's types leave out. */
interface LocalOption {
  readonly code: number;
  readonly data?: Buffer;
}
const OWN: LocalOption = { code: 65_001, data: Buffer.from('langfuse-chaos') };

/** Whether a question is marked as the harness's own: no process asked it. */
export function isOwnLook({ additionals = [] }: Packet): boolean {
  const options = additionals.flatMap((record) => (record.type === 'OPT' ? record.options : []));
  return (options as readonly LocalOption[]).some(
    ({ code, data }) => code === OWN.code && data?.toString() === OWN.data?.toString(),
  );
}

/**
 * Asks for the IPv4 addresses of a name over TCP, which is the way that a process's questions go after the truncated answer over UDP,
 * and marks the question: it is answered as the process's would be, and does not stand in the log as asked by it.
 *
 * @param address where the process reaches the server, with Toxiproxy in between
 * @returns the addresses; none where the server answers that there are none, or with an error
 * @throws when there is no whole answer within the time
 */
export async function lookOverTcp(
  address: { readonly host: string; readonly port: number },
  name: string,
  timeoutMs: number,
): Promise<string[]> {
  const mark = { type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [OWN] };
  const question = {
    type: 'query',
    id: 1,
    questions: [{ type: 'A', name }],
    additionals: [mark as unknown as OptAnswer],
  } as const satisfies Packet;
  const { answers = [] } = await ask(address, streamEncode(question), timeoutMs);
  return answers.flatMap((answer) => (answer.type === 'A' ? [answer.data] : []));
}

function ask(
  address: { readonly host: string; readonly port: number },
  question: Buffer,
  timeoutMs: number,
): Promise<Packet> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.on('connect', () => socket.write(question));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      try {
        resolve(streamDecode(received));
      } catch (error) {
        reject(error as Error);
      }
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the connection was closed without an answer'));
    });
  });
}
