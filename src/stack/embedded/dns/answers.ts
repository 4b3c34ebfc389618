import { AUTHORITATIVE_ANSWER, type Packet, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import type { DnsQuery, ZoneFault } from '../../stack.ts';

/** Response codes of RFC 1035, section 4.1.1. */
const RCODE: Record<ZoneFault, number> = { servfail: 2, nxdomain: 3 };

/** What one process is told: the names that there are, all at one address, and what is wrong with them. */
export interface View {
  /** Lower case. */
  readonly names: ReadonlySet<string>;
  readonly address: string;
  readonly faults: ReadonlyMap<string, ZoneFault>;
}

/** A response and what it says, for the log. */
export interface Answer {
  readonly response: Packet;
  readonly answer: DnsQuery['answer'];
}

/**
 * The response to a query over UDP: the question and the truncated bit, nothing else, so that the resolver asks again
 * over TCP (RFC 7766, section 5), where Toxiproxy stands in between.
 */
export function truncated(query: Packet): Answer {
  return { response: respond(query, TRUNCATED_RESPONSE, []), answer: 'truncated' };
}

/**
 * The response to a query over TCP. A name of the stack has an A record and no other; any other name does not exist. The
 * time to live is 0: no resolver may answer from its memory while a fault is on.
 */
export function answerFrom(view: View, query: Packet): Answer {
  const question = query.questions?.[0];
  const name = question?.name.toLowerCase() ?? '';
  const fault = view.faults.get(name) ?? (view.names.has(name) ? undefined : 'nxdomain');
  if (fault) return { response: respond(query, RCODE[fault], []), answer: fault };
  if (question?.type !== 'A') return { response: respond(query, 0, []), answer: 'empty' };
  const record = { type: 'A', name: question.name, ttl: 0, data: view.address } as const;
  return { response: respond(query, 0, [record]), answer: 'address' };
}

function respond(query: Packet, flags: number, answers: NonNullable<Packet['answers']>): Packet {
  return {
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: flags | AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & RECURSION_DESIRED),
    questions: query.questions ?? [],
    answers,
  };
}
