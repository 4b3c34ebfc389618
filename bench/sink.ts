/** A target that acknowledges every event at once and does nothing else; a process of its own. Says its port to the parent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { batch } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { batch: { id: string }[] };
    const successes = batch.map(({ id }) => ({ id, status: 201 }));
    response.writeHead(207, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ successes, errors: [] }));
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
