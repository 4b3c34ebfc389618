import { sourceWebPart, sourceWorkerPart } from '../../source/parts.ts';
import type { Component } from '../../stack.ts';
import type { StackState } from '../state.ts';
import { webPart, workerPart } from './application.ts';
import { clickhousePart } from './clickhouse.ts';
import { dnsPart } from './dns.ts';
import { httpProxyPart } from './http-proxy.ts';
import type { Part } from './part.ts';
import { postgresPart } from './postgres.ts';
import { redisPart } from './redis.ts';
import { s3Part } from './s3.ts';
import { toxiproxyPart } from './toxiproxy.ts';

/** Every component of the embedded stack. */
export const PARTS: Readonly<Record<Component, Part>> = {
  toxiproxy: toxiproxyPart,
  dns: dnsPart,
  'http-proxy': httpProxyPart,
  redis: redisPart,
  postgres: postgresPart,
  s3: s3Part,
  clickhouse: clickhousePart,
  web: webPart,
  worker: workerPart,
};

/** The component of a stack, by where its application comes from. */
export function partOf(name: Component, { spec }: Pick<StackState, 'spec'>): Part {
  if (spec.kind === 'source' && name === 'web') return sourceWebPart;
  if (spec.kind === 'source' && name === 'worker') return sourceWorkerPart;
  return PARTS[name];
}
