import type { IncomingHttpHeaders } from 'node:http';
import { ClickHouseException } from './errors.ts';

interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * Checks who asks, as the server does (ClickHouse, src/Server/HTTPHandler.cpp, authenticateUser): by
 * `X-ClickHouse-User` and `-Key`, by Basic, or by `user` and `password` in the URL, but not by two of them.
 * Who says nothing is the user `default` without a password.
 *
 * @throws ClickHouseException 516 AUTHENTICATION_FAILED
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  url: URLSearchParams,
  expected: Credentials,
): void {
  const ways = [fromHeaders(headers), fromBasic(headers), fromUrl(url)].filter((way) => way !== undefined);
  if (ways.length > 1) {
    throw ClickHouseException.refuse(
      516,
      'AUTHENTICATION_FAILED',
      'Invalid authentication: it is not allowed to use two ways of authentication simultaneously',
    );
  }
  const given = ways[0] ?? { user: 'default', password: '' };
  if (given.user === expected.user && given.password === expected.password) return;
  throw ClickHouseException.refuse(
    516,
    'AUTHENTICATION_FAILED',
    `${given.user}: Authentication failed: password is incorrect, or there is no user with such name`,
  );
}

function fromHeaders(headers: IncomingHttpHeaders): Credentials | undefined {
  const user = headers['x-clickhouse-user'];
  const password = headers['x-clickhouse-key'];
  if (user === undefined && password === undefined) return undefined;
  return { user: user ? String(user) : 'default', password: String(password ?? '') };
}

function fromBasic(headers: IncomingHttpHeaders): Credentials | undefined {
  const authorization = headers.authorization;
  if (authorization === undefined) return undefined;
  const encoded = /^Basic +(\S+)$/i.exec(authorization)?.[1];
  // Another scheme is an attempt that fails, not an absence.
  if (encoded === undefined) return { user: 'default', password: '\0' };
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0
    ? { user: text, password: '' }
    : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function fromUrl(url: URLSearchParams): Credentials | undefined {
  if (!url.has('user') && !url.has('password')) return undefined;
  return { user: url.get('user') || 'default', password: url.get('password') ?? '' };
}
