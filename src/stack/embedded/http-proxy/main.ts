/** The HTTP proxy of a stack, as a process of its own. */
import { HTTP_PROXY_CONFIG_VARIABLE, httpProxyConfigSchema } from './config.ts';
import { serveControl } from './control-server.ts';
import { serveProxy } from './proxy.ts';

const config = httpProxyConfigSchema.parse(JSON.parse(process.env[HTTP_PROXY_CONFIG_VARIABLE] ?? 'null'));
// The control interface comes last: who reaches it knows that the links are listened on.
await serveControl(config, await serveProxy(config));
console.log(`standing by for ${Object.keys(config.routes).join(', ')}`);
