import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { choosePort, HOST, isFreeTcp, isFreeUdp, PORTS_VARIABLE } from './ports.ts';

test('chooses different ports, below those that the system takes for outgoing connections', async () => {
  const taken = new Set<number>();
  const ports = [];
  for (let count = 0; count < 50; count += 1) ports.push(await choosePort(taken));
  expect(new Set(ports).size).toBe(50);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test('chooses from the range that the variable names; one that is none is refused', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv(PORTS_VARIABLE, '20000-20002');
  const taken = new Set([20_001]);
  expect([await choosePort(taken), await choosePort(taken)].sort()).toEqual([20_000, 20_002]);
  await expect(choosePort(taken)).rejects.toMatchObject({ code: 'E_PORTS' });
  for (const wrong of ['20000', '20002-20000', '80-90', '20000-70000', 'some-many']) {
    vi.stubEnv(PORTS_VARIABLE, wrong);
    await expect(choosePort(new Set())).rejects.toThrow(`LANGFUSE_CHAOS_PORTS is "${wrong}"`);
  }
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
