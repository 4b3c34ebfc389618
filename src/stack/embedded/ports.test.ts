import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { choosePort, HOST, isFreeTcp, isFreeUdp } from './ports.ts';

test('chooses different ports, below those that the system takes for outgoing connections', async () => {
  const taken = new Set<number>();
  const ports = [];
  for (let count = 0; count < 50; count += 1) ports.push(await choosePort(taken));
  expect(new Set(ports).size).toBe(50);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test('sees who holds a port, over TCP and over UDP', async () => {
  const port = await choosePort(new Set());
  const server = createServer().listen(port, HOST);
  await once(server, 'listening');
  expect([await isFreeTcp(port), await isFreeUdp(port)]).toEqual([false, true]);
  server.close();
  const socket = createSocket('udp4').bind(port, HOST);
  await once(socket, 'listening');
  expect([await isFreeTcp(port), await isFreeUdp(port)]).toEqual([true, false]);
  socket.close();
});
