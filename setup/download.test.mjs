import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fetchFile, fetchText, findChecksum } from './download.mjs';
import { sha256, standIn, temporaryFolder } from './testing.mjs';

const IMPATIENT = { answerMs: 150, stallMs: 150 };

test('a file is stored and its SHA-256 returned', async () => {
  const body = 'x'.repeat(200_000);
  const { url } = await standIn((_, response) => response.end(body));
  const path = join(temporaryFolder(), 'file');
  expect(await fetchFile(`${url}/a`, path)).toBe(sha256(body));
  expect(await readFile(path, 'utf8')).toBe(body);
});

test('redirects are followed, as release pages send them', async () => {
  const { url } = await standIn((request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
    else response.end('text');
  });
  expect(await fetchText(`${url}/a`)).toBe('text');
});

test('a download that is cut off fails', async () => {
  const { url } = await standIn((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('only this', () => response.destroy());
  });
  await expect(fetchFile(url, join(temporaryFolder(), 'file'))).rejects.toThrow(/^127\.0\.0\.1:\d+: /);
});

test('an answer other than 2xx fails with its status', async () => {
  const { url } = await standIn((_, response) => response.writeHead(404).end());
  await expect(fetchText(`${url}/a`)).rejects.toThrow(`${url}/a answered 404`);
});

test('a server that nobody runs fails', async () => {
  const { url, server } = await standIn(() => {});
  await new Promise((resolve) => server.close(resolve));
  await expect(fetchText(url)).rejects.toThrow(/ECONNREFUSED/);
});

test('a server that accepts and does not answer is given up', async () => {
  const { url } = await standIn(() => {});
  await expect(fetchText(url, { patience: IMPATIENT })).rejects.toThrow(/did not answer within 0\.15 s/);
});

test('a server that stops in the middle is given up', async () => {
  const { url } = await standIn((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('only this');
  });
  const path = join(temporaryFolder(), 'file');
  await expect(fetchFile(url, path, { patience: IMPATIENT })).rejects.toThrow(/sent nothing for 0\.15 s/);
});

test('a server that is slow but goes on is waited for', async () => {
  const { url } = await standIn((_, response) => {
    let left = 5;
    const timer = setInterval(() => {
      response.write('x');
      if (--left === 0) {
        clearInterval(timer);
        response.end();
      }
    }, 60);
  });
  expect(await fetchText(url, { patience: { answerMs: 1_000, stallMs: 200 } })).toBe('xxxxx');
});

test('something that is no HTTP server fails', async () => {
  const server = createServer((socket) => socket.end('hello\n'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  await expect(fetchText(url)).rejects.toThrow(/^127\.0\.0\.1:/);
  server.close();
});

test('an interruption is passed on as it is', async () => {
  const { url } = await standIn(() => {});
  const controller = new AbortController();
  const path = join(temporaryFolder(), 'file');
  const fetching = fetchFile(url, path, { signal: controller.signal });
  controller.abort(new Error('interrupted'));
  await expect(fetching).rejects.toThrow('interrupted');
  expect(existsSync(path)).toBe(false);
});

test('checksums are found by the exact name', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const text = `${a}  toxiproxy-server-linux-amd64.deb\n${b.toUpperCase()} *toxiproxy-server-linux-amd64\r\nnonsense\n`;
  expect(findChecksum(text, 'toxiproxy-server-linux-amd64')).toBe(b);
  expect(findChecksum(text, 'toxiproxy-server-linux')).toBeUndefined();
  expect(findChecksum('<html>not found</html>', 'a')).toBeUndefined();
});
