import { expect, test } from 'vitest';
import { bytesIn, whyNotFree } from './toxiproxy.ts';

const PAGE = `# TYPE toxiproxy_proxy_received_bytes_total counter
toxiproxy_proxy_received_bytes_total{direction="downstream",listener="127.0.0.1:1",proxy="one",upstream="127.0.0.1:2"} 1.5e+03
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:1",proxy="one",upstream="127.0.0.1:2"} 20
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:3",proxy="another",upstream="127.0.0.1:4"} 9
`;

test('the bytes of a proxy are those of both ways', () => {
  expect(bytesIn(PAGE, 'one')).toBe(1520);
  expect(bytesIn(PAGE, 'unused')).toBe(0);
  expect(bytesIn('go_threads 7\n', 'one')).toBeUndefined();
});

test('a proxy that somebody else works on is not free', () => {
  const proxy = { name: 'a', listen: ':1', upstream: 'b:2', enabled: true, toxics: [] };
  expect(whyNotFree(proxy, 'a', 'web→s3')).toBeUndefined();
  expect(whyNotFree({ ...proxy, enabled: false }, 'a', 'web→s3')).toContain('is disabled');
  expect(whyNotFree({ ...proxy, toxics: [{ name: 'slow' }] }, 'a', 'web→s3')).toContain(
    'toxics on it already: slow',
  );
  expect(whyNotFree(undefined, 'a', 'web→s3')).toContain('no proxy a');
});
