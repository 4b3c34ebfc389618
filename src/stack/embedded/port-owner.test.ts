import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { identify, type ProcessIdentity } from '../processes.ts';
import { listeningPorts } from './port-owner.ts';
import { choosePort, HOST } from './ports.ts';

const own = identify(process.pid) as ProcessIdentity;

test('a process is known by the ports that it listens on, and not by those of others', async () => {
  const port = await choosePort(new Set());
  expect(listeningPorts(own).has(port)).toBe(false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: HOST, port }, resolve));
  try {
    expect(listeningPorts(own).has(port)).toBe(true);
    expect(listeningPorts({ ...own, pid: process.ppid }).has(port)).toBe(false);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(listeningPorts(own).has(port)).toBe(false);
  expect(listeningPorts({ ...own, pid: 2 ** 22 + 1 }).size).toBe(0);
});
