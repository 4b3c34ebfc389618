import { viewFault } from './view-fault.ts';

/**
 * One process's resolver is away: nothing comes back, neither over UDP nor over TCP, so that it gets `getaddrinfo EAI_AGAIN`
 * for every name when it gives up, by default after 2 times 5 s.
 */
export const resolverAway = viewFault({
  name: 'resolver-away',
  fault: 'away',
  summary:
    'The resolver of that process answers neither over UDP nor over TCP (EAI_AGAIN for all names after it has given up, 10 s by default).',
  told: 'got no answer at all',
});
