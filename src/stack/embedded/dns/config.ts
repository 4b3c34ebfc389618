import { z } from 'zod';

/** The variable that carries the {@link DnsConfig} as JSON: an argument would show the token to every user. */
export const DNS_CONFIG_VARIABLE = 'LANGFUSE_CHAOS_DNS_CONFIG';

const port = z.int().min(1).max(65_535);
const view = z.strictObject({
  /** Address where this view listens; `host` unless told. */
  host: z.ipv4().optional(),
  udp: port,
  tcp: port,
});

/** Checks a {@link DnsConfig}. */
export const dnsConfigSchema = z.strictObject({
  /** Address to listen on, which is also the address of every name. */
  host: z.ipv4(),
  /** TCP port of the control interface. */
  control: port,
  /** Address where the control interface listens; `host` unless told. */
  controlHost: z.ipv4().optional(),
  /** What the control interface wants to be shown. */
  token: z.string().min(16),
  /** Ports by the process that asks. */
  views: z.strictObject({ web: view, worker: view }),
  /** Host names, lower case. */
  names: z.array(z.string().regex(/^[a-z0-9.-]+$/)),
});
/** How a DNS server is set up. */
export type DnsConfig = z.infer<typeof dnsConfigSchema>;
