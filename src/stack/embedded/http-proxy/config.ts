import { z } from 'zod';
import { HTTP_LINKS, type HttpLink } from '../../http.ts';

/** The variable that carries the {@link HttpProxyConfig} as JSON: an argument would show the token to every user. */
export const HTTP_PROXY_CONFIG_VARIABLE = 'LANGFUSE_CHAOS_HTTP_PROXY_CONFIG';

const port = z.int().min(1).max(65_535);

/** Checks an {@link HttpProxyConfig}. */
export const httpProxyConfigSchema = z.strictObject({
  /** Address to listen on, which is also the address of every server that has none of its own. */
  host: z.ipv4(),
  /** Port of the control interface. */
  control: port,
  /** Address where the control interface listens; `host` unless told. */
  controlHost: z.ipv4().optional(),
  /** What the control interface wants to be shown. */
  token: z.string().min(16),
  /** By link: where it is listened on, and where the real server listens. */
  routes: z.record(
    z.enum(HTTP_LINKS as readonly [HttpLink, ...HttpLink[]]),
    z.strictObject({ listen: port, upstream: port, upstreamHost: z.string().optional() }),
  ),
});
/** How an HTTP proxy is set up. */
export type HttpProxyConfig = z.infer<typeof httpProxyConfigSchema>;
