import { Toxiproxy } from 'toxiproxy-node-client';
import { HOST } from '../ports.ts';
import { programPath } from '../programs.ts';
import { toxiproxyUrl } from '../urls.ts';
import type { Part } from './part.ts';

/** Toxiproxy; it holds no data: after a start its proxies have to be made again (links.ts). */
export const toxiproxyPart: Part = {
  name: 'toxiproxy',
  tcp: ['toxiproxy'],
  udp: [],
  stopSignal: 'SIGTERM',
  launch: async (_folder, { ports }) => ({
    command: await programPath('toxiproxy'),
    args: ['-host', HOST, '-port', String(ports.toxiproxy)],
    env: { LOG_LEVEL: 'info' },
  }),
  async probe(_folder, { ports }) {
    const answer = await new Toxiproxy(toxiproxyUrl(ports)).getVersion();
    return (JSON.parse(answer) as { version: string }).version;
  },
};
