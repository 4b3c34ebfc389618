import { viewFault } from './view-fault.ts';

/**
 * One process's resolver can be reached over UDP only, as behind a firewall that forgets TCP port 53: the truncated answer
 * sends the process to TCP, where each connection is cut, so that it gets `getaddrinfo EAI_AGAIN` for every name.
 */
export const dnsUdpOnly = viewFault({
  name: 'dns-udp-only',
  fault: 'udp-only',
  summary:
    'The resolver of that process answers over UDP that the answer is too long for it, and cuts every connection over TCP (EAI_AGAIN for all names).',
  told: 'was cut off over TCP',
});
