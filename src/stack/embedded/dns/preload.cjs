'use strict';
/*
 * Makes a Node process resolve names through the stack's DNS server, without root: loaded by `NODE_OPTIONS=--require`, it
 * replaces dns.lookup, which asks the system's getaddrinfo, by questions to the server in LANGFUSE_CHAOS_RESOLVER
 * (`127.0.0.1:PORT`). To the program it looks like getaddrinfo: same results, same error codes and texts. Nothing is cached.
 */
const dns = require('node:dns');
const { isIP } = require('node:net');
const { syncBuiltinESMExports } = require('node:module');
const { promisify } = require('node:util');

/**
 * As resolv.conf(5) has it: 5 s a question, asked twice; RES_OPTIONS (`timeout:SECONDS attempts:COUNT`, within resolv.conf's limits)
 * says otherwise.
 */
const RESOLVER_OPTIONS = resolverOptions(process.env.RES_OPTIONS ?? '');

function resolverOptions(text) {
  const option = (name, otherwise, most) => {
    const found = new RegExp(`(?:^|\\s)${name}:(\\d+)(?=\\s|$)`).exec(text);
    return found ? Math.min(Math.max(Number(found[1]), 1), most) : otherwise;
  };
  const timeout = option('timeout', 5, 30) * 1000;
  return { timeout, maxTimeout: timeout, tries: option('attempts', 2, 5) };
}

/**
 * c-ares says so when the server answered and there is nothing (NXDOMAIN, no record). All else (refused, time-out, SERVFAIL,
 * REFUSED, a connection cut off) is temporary, as for getaddrinfo, which goes on to the next server and has none left.
 */
const NOTHING_THERE = new Set(['ENOTFOUND', 'ENODATA']);

/** libuv's numbers for EAI_NONAME and EAI_AGAIN, which Node puts into `errno`. */
const ERRNO = { ENOTFOUND: -3008, EAI_AGAIN: -3001 };

const server = process.env.LANGFUSE_CHAOS_RESOLVER;
if (!server) throw new Error('LANGFUSE_CHAOS_RESOLVER is not set');

/** A new one for each look-up: c-ares shortens its time-out by what it has seen before, which getaddrinfo does not. */
function newResolver() {
  const resolver = new dns.promises.Resolver(RESOLVER_OPTIONS);
  resolver.setServers([server]);
  return resolver;
}

const systemLookup = dns.lookup;

/** What getaddrinfo answers itself, without a name server, and what dns.lookup refuses. */
function isForTheSystem(hostname) {
  return (
    typeof hostname !== 'string' ||
    hostname === '' ||
    isIP(hostname) !== 0 ||
    /^(.+\.)?localhost\.?$/i.test(hostname)
  );
}

function getaddrinfoError(code, hostname) {
  return Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), {
    errno: ERRNO[code],
    code,
    syscall: 'getaddrinfo',
    hostname,
  });
}

async function addressesOf(hostname, { family, hints }) {
  const mapped = family === 6 && (hints & dns.V4MAPPED) !== 0;
  const resolver = newResolver();
  const outcomes = await Promise.allSettled([
    family !== 6 || mapped ? resolver.resolve4(hostname) : [],
    family !== 4 ? resolver.resolve6(hostname) : [],
  ]);
  const [v4, v6] = outcomes.map(({ value }) => value ?? []);
  const found = {
    v4: v4.map((address) => ({ address, family: 4 })),
    v6: v6.map((address) => ({ address, family: 6 })),
  };
  if (mapped) {
    const wanted = found.v6.length === 0 || (hints & dns.ALL) !== 0;
    found.v6.push(...(wanted ? v4.map((address) => ({ address: `::ffff:${address}`, family: 6 })) : []));
    found.v4 = [];
  }
  if (found.v4.length + found.v6.length > 0) return found;
  const reasons = outcomes.flatMap(({ reason }) => (reason ? [reason.code] : []));
  const temporary = reasons.some((code) => !NOTHING_THERE.has(code));
  throw getaddrinfoError(temporary ? 'EAI_AGAIN' : 'ENOTFOUND', hostname);
}

async function find(hostname, options) {
  const family = { IPv4: 4, IPv6: 6 }[options.family] ?? options.family ?? 0;
  const { v4, v6 } = await addressesOf(hostname, { family, hints: options.hints ?? 0 });
  const order = options.order ?? dns.getDefaultResultOrder();
  const all = order === 'ipv6first' ? [...v6, ...v4] : [...v4, ...v6];
  return options.all ? all : all[0];
}

/** Lets Node itself refuse what it would refuse; an address is answered at once. */
const ANY_ADDRESS = '127.0.0.1';

function lookup(hostname, options, callback) {
  const done = callback ?? options;
  if (isForTheSystem(hostname)) return systemLookup(hostname, options, callback);
  const chosen = normalise(options);
  const request = systemLookup(ANY_ADDRESS, chosen, done === undefined ? done : () => {});
  find(hostname, chosen).then(
    // Out of the promise: what the callback throws is the program's, not a rejection of ours.
    (found) =>
      process.nextTick(() => (chosen.all ? done(null, found) : done(null, found.address, found.family))),
    (error) => process.nextTick(done, error),
  );
  return request;
}

const systemPromiseLookup = dns.promises.lookup;

async function promiseLookup(hostname, options) {
  if (isForTheSystem(hostname)) return systemPromiseLookup(hostname, options);
  const chosen = normalise(options);
  await systemPromiseLookup(ANY_ADDRESS, chosen);
  return find(hostname, chosen);
}

/** The family may stand in place of the options, or a callback do. */
function normalise(options) {
  if (typeof options === 'number') return { family: options };
  return typeof options === 'function' ? {} : (options ?? {});
}

Object.defineProperty(lookup, promisify.custom, { value: promiseLookup });
dns.lookup = lookup;
dns.promises.lookup = promiseLookup;
// Programs may have `import { lookup } from 'node:dns'`.
syncBuiltinESMExports();
