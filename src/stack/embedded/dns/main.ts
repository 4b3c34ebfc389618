/** The DNS server of a stack, as a process of its own. */
import { DNS_CONFIG_VARIABLE, dnsConfigSchema } from './config.ts';
import { serveControl } from './control-server.ts';
import { serveDns } from './server.ts';

const config = dnsConfigSchema.parse(JSON.parse(process.env[DNS_CONFIG_VARIABLE] ?? 'null'));
// The control interface comes last: who reaches it knows that the views answer.
await serveControl(config, await serveDns(config));
console.log(`answering for ${config.names.join(', ')}`);
