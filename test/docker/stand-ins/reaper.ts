/**
 * Stands in for testcontainers' reaper, whose protocol this is: each line on port 8080 is a filter such as `label=NAME=VALUE`, answered
 * with `ACK`. When the last connection has been closed for RYUK_RECONNECTION_TIMEOUT, all that fits a filter is removed, and it ends.
 */
import { request } from 'node:http';
import { createServer } from 'node:net';

const SOCKET = '/var/run/docker.sock';
const PORT = 8080;
/** Go's notation, whole seconds. */
const patienceMs = Number.parseInt(process.env.RYUK_RECONNECTION_TIMEOUT ?? '10s', 10) * 1000;

const filters = new Set<string>();
let connections = 0;
let closing: NodeJS.Timeout | undefined;

const server = createServer((socket) => {
  connections += 1;
  clearTimeout(closing);
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      filters.add(line.trim());
      socket.write('ACK\n');
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    connections -= 1;
    if (connections === 0) closing = setTimeout(removeAll, patienceMs);
  });
});
server.listen(PORT, '0.0.0.0', () => console.log('Started'));
process.on('SIGTERM', () => process.exit(0));

async function removeAll(): Promise<void> {
  server.close();
  for (const filter of filters) {
    const label = filter.replace(/^label=/, '');
    const query = `filters=${encodeURIComponent(JSON.stringify({ label: [label] }))}`;
    const containers = (await call('GET', `/containers/json?all=1&${query}`)) as {
      Id: string;
      Labels: object;
    }[];
    const others = containers.filter(({ Labels }) => !('org.testcontainers.ryuk' in Labels));
    for (const { Id } of others) await call('DELETE', `/containers/${Id}?force=1&v=1`);
    const { Volumes } = (await call('GET', `/volumes?${query}`)) as { Volumes: { Name: string }[] | null };
    for (const { Name } of Volumes ?? []) await call('DELETE', `/volumes/${Name}?force=1`);
    const networks = (await call('GET', `/networks?${query}`)) as { Id: string }[];
    for (const { Id } of networks) await call('DELETE', `/networks/${Id}`);
    console.log(`removed ${others.length} containers with ${label}`);
  }
  process.exit(0);
}

function call(method: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ask = request({ socketPath: SOCKET, method, path }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(text === '' ? undefined : JSON.parse(text));
    });
    ask.on('error', reject);
    ask.end();
  });
}
