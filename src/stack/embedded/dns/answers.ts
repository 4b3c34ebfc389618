import { AUTHORITATIVE_ANSWER, type Packet, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import type { DnsQuery, ViewFault, ZoneFault } from '../../stack.ts';

/** Response codes of RFC 1035, section 4.1.1, by what the log calls the answer. */
const RCODE = { empty: 0, servfail: 2, nxdomain: 3, refused: 5 } as const;

/** A fault of one name, and since when it is there. */
export interface TimedFault {
  readonly fault: ZoneFault;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** What one process is told: the names that there are, all at one address, and what is wrong with them. */
export interface View {
  /** Lower case. */
  readonly names: ReadonlySet<string>;
  readonly address: string;
  readonly faults: Map<string, TimedFault>;
  /** What is wrong with all of them. */
  fault: ViewFault | undefined;
}

/** What is done about a query: the response, if there is one, and what the log says of it. */
export interface Answer extends Pick<DnsQuery, 'answer' | 'fault'> {
  readonly response?: Packet;
  /** Milliseconds to wait before responding; none unless told. */
  readonly delayMs?: number;
}

/**
 * What is done about a query over UDP: if it is answered at all, the response is the question and the truncated bit, nothing else, so that the resolver asks
 * again over TCP (RFC 7766, section 5), where Toxiproxy stands in between.
 */
export function answerOverUdp(view: View, query: Packet): Answer {
  if (view.fault === 'away') return { answer: 'none', fault: 'away' };
  // Over TCP a resolver of glibc would wait without end; over UDP it gives up as resolv.conf(5) says.
  if (faultOf(view, query)?.fault.kind === 'silent') return { answer: 'none', fault: 'silent' };
  return { response: respond(query, TRUNCATED_RESPONSE, []), answer: 'truncated' };
}

/**
 * What is done about a query over TCP. A name of the stack has an A record and no other; any other name does not exist. The
 * time to live is 0: no resolver may answer from its memory while a fault is on.
 *
 * @param now milliseconds since the epoch
 */
export function answerOverTcp(view: View, query: Packet, now: number): Answer {
  if (view.fault) return { answer: view.fault === 'away' ? 'none' : 'cut', fault: view.fault };
  const timed = faultOf(view, query);
  return (timed && underFault(view, query, timed, now)) ?? asAlways(view, query);
}

const faultOf = (view: View, query: Packet) =>
  view.faults.get(query.questions?.[0]?.name.toLowerCase() ?? '');

/** What a fault makes of the answer; undefined where it changes nothing. */
function underFault(
  view: View,
  query: Packet,
  { fault, since }: TimedFault,
  now: number,
): Answer | undefined {
  const { kind } = fault;
  switch (kind) {
    case 'silent':
      return { answer: 'none', fault: kind };
    case 'slow':
      return { ...asAlways(view, query), fault: kind, delayMs: fault.delayMs };
    case 'address':
      return asks(query, 'A') ? { ...withRecord(query, 'A', fault.address), fault: kind } : undefined;
    case 'flapping':
      return Math.floor((now - since) / fault.periodMs) % 2 === 0
        ? { ...without(query, 'nxdomain'), fault: kind }
        : undefined;
    case 'aaaa-only': {
      const found = asks(query, 'AAAA') ? withRecord(query, 'AAAA', fault.address) : without(query, 'empty');
      return { ...found, fault: kind };
    }
    default:
      return { ...without(query, kind), fault: kind };
  }
}

function asAlways({ names, address }: View, query: Packet): Answer {
  if (!names.has(query.questions?.[0]?.name.toLowerCase() ?? '')) return without(query, 'nxdomain');
  return asks(query, 'A') ? withRecord(query, 'A', address) : without(query, 'empty');
}

const asks = (query: Packet, type: 'A' | 'AAAA') => query.questions?.[0]?.type === type;

function withRecord(query: Packet, type: 'A' | 'AAAA', address: string): Answer {
  const name = query.questions?.[0]?.name ?? '';
  return { response: respond(query, 0, [{ type, name, ttl: 0, data: address }]), answer: 'address' };
}

function without(query: Packet, answer: 'empty' | 'nxdomain' | 'servfail' | 'refused'): Answer {
  return { response: respond(query, RCODE[answer], []), answer };
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
