import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { HttpHit, HttpLink } from '../../http.ts';
import { answersControl } from '../control-interface/call.ts';
import { choosePort, HOST } from '../ports.ts';
import { urlOf } from '../urls.ts';
import { httpControl } from './control.ts';
import { serveControl } from './control-server.ts';
import type { CountedRule } from './rules.ts';

const TOKEN = 'a token of this test';
const rule = { match: { limit: 1 }, action: { kind: 'lose-answer' } } as const;
const hit = (at: number, link: HttpLink): HttpHit => ({ at, link, method: 'GET', path: '/', did: 'nothing' });

const rules = new Map<HttpLink, CountedRule>();
const hits = [hit(1, 'web→s3'), hit(2, 'worker→s3'), hit(3, 'web→s3')];
let url: string;
let led: string[];
let runs: boolean;

beforeAll(async () => {
  const port = await choosePort(new Set());
  url = urlOf(port);
  await serveControl({ host: HOST, control: port, token: TOKEN }, { rules, hits });
});
beforeEach(() => {
  led = [];
  runs = true;
});

const control = (token = TOKEN) =>
  httpControl({
    url,
    token,
    lead: async (link, through) => void led.push(`${link} to the ${through}`),
    runs: async () => runs,
  });

test('a rule is there before the link leads through the proxy, and goes after the link is led away', async () => {
  await control().setRule('web→s3', rule);
  expect(rules.get('web→s3')?.rule).toEqual(rule);
  await control().clearRule('web→s3');
  expect(rules.size).toBe(0);
  expect(led).toEqual(['web→s3 to the proxy', 'web→s3 to the server']);
});

test('the same rule once more goes on counting; another begins anew', async () => {
  const seen = { method: 'GET', path: '/', text: '' };
  const take = () => rules.get('web→s3')?.take(seen)?.kind;
  await control().setRule('web→s3', rule);
  expect([take(), take()]).toEqual(['lose-answer', undefined]);
  await control().setRule('web→s3', rule);
  expect(take()).toBeUndefined();
  await control().setRule('web→s3', { ...rule, match: { limit: 2 } });
  expect(take()).toBe('lose-answer');
});

test('the hits are those of the link, since then', async () => {
  expect(await control().hits('web→s3', 2)).toEqual([hit(3, 'web→s3')]);
});

test('with the proxy gone the link is still led to its server', async () => {
  runs = false;
  await control('a wrong token').clearRule('web→s3');
  expect(led).toEqual(['web→s3 to the server']);
});

test('nobody is let in without the token, and nothing is led anywhere then', async () => {
  await expect(control('another token').setRule('web→s3', rule)).rejects.toThrow('with status 401');
  expect(led).toEqual([]);
  expect(await answersControl(url, TOKEN)).toBe(true);
  expect(await answersControl(url, 'another token')).toBe(false);
});

test('a rule that is none, a link without HTTP, and a proxy that is away are errors in words', async () => {
  const broken = { match: { path: '(' }, action: rule.action };
  await expect(control().setRule('web→s3', broken)).rejects.toMatchObject({ code: 'E_HTTP_PROXY' });
  await expect(control().hits('web→redis' as HttpLink, 0)).rejects.toThrow('with status 404');
  const away = httpControl({ url: urlOf(1), token: TOKEN, lead: async () => {}, runs: async () => true });
  await expect(away.hits('web→s3', 0)).rejects.toThrow('The HTTP proxy could not be told GET /hits/');
});
