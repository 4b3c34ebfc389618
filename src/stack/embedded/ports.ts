import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { ChaosError } from '../../base/errors.ts';

/** All of a stack listens here. */
export const HOST = '127.0.0.1';

const LOWEST = 15_000;
/** Names another range, as `15000-20000`: stacks in different temporary folders do not know each other's ports. */
export const PORTS_VARIABLE = 'LANGFUSE_CHAOS_PORTS';
/** Where the system starts to take ports for outgoing connections, if it does not say. */
const USUAL_EPHEMERAL_START = 32_768;

/**
 * Chooses a port that nothing listens on, over TCP nor UDP. It lies below the range from which the system takes ports for
 * outgoing connections: otherwise such a connection could hold the port of a process while that process is down, and
 * it could not be started again on it. {@link PORTS_VARIABLE} names another range.
 *
 * @param taken ports not to choose; the chosen one is added
 * @throws ChaosError `E_PORTS` when none is free, or the variable names no range
 */
export async function choosePort(taken: Set<number>): Promise<number> {
  const [lowest, end] = range();
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = randomInt(lowest, end);
    if (taken.has(port)) continue;
    taken.add(port);
    if ((await isFreeTcp(port)) && (await isFreeUdp(port))) return port;
  }
  throw new ChaosError({
    code: 'E_PORTS',
    happened: `Found no free port between ${lowest} and ${end} on ${HOST}.`,
    remedy: 'see what holds them (`ss -lntu`), stop some of it, and run again.',
  });
}

/** Whether a TCP port can be listened on. */
export function isFreeTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether a UDP port can be listened on. */
export function isFreeUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address: HOST, port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

/** The lowest port, and the one after the highest. */
function range(): [number, number] {
  const asked = process.env[PORTS_VARIABLE];
  if (!asked) return [LOWEST, ephemeralStart()];
  const [lowest = 0, highest = 0] = /^\d+-\d+$/.test(asked) ? asked.split('-').map(Number) : [];
  if (lowest > 1023 && lowest < highest && highest < 65_536) return [lowest, highest + 1];
  throw new ChaosError({
    code: 'E_PORTS',
    happened: `${PORTS_VARIABLE} is "${asked}", which names no range of ports.`,
    expected: 'the lowest and the highest port, between 1024 and 65535, as 15000-20000',
    remedy: 'set it so, or unset it.',
  });
}

function ephemeralStart(): number {
  try {
    const start = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    return start > LOWEST + 1000 ? Math.min(start, USUAL_EPHEMERAL_START) : USUAL_EPHEMERAL_START;
  } catch {
    return USUAL_EPHEMERAL_START;
  }
}
