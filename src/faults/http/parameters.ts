import { z } from 'zod';
import { HTTP_LINKS, type HttpLink, httpMatchSchema, isHttpLink } from '../../stack/http.ts';
import { linkSchema } from '../parameters.ts';

/** A link that speaks HTTP: to S3 or to ClickHouse. */
export const httpLinkSchema = linkSchema.refine(isHttpLink, {
  error: `only ${HTTP_LINKS.join(', ')} speak HTTP`,
}) as unknown as z.ZodType<HttpLink>;

/** A link to S3. */
export const s3LinkSchema = httpLinkSchema.refine((link) => link.endsWith('→s3'), {
  error: 'only web→s3 and worker→s3 lead to S3',
});

/** A link to ClickHouse. */
export const clickhouseLinkSchema = httpLinkSchema.refine((link) => link.endsWith('→clickhouse'), {
  error: 'only web→clickhouse and worker→clickhouse lead to ClickHouse',
});

const { method, path, text, nth, every, limit } = httpMatchSchema.shape;

/** How often: every request that fits, unless told. */
export const occurrences = {
  nth: nth.describe('only this one of the requests that fit, 1 being the first; default: every one'),
  every: every.describe('only every so many-th of the requests that fit; default: 1'),
  limit: limit.describe('at most so many requests altogether; default: no limit'),
};

/** Which requests, and how often. */
export const requests = {
  method: method.describe('only requests with this method, upper case; default: any'),
  path: path.describe('only where this regular expression fits path and query as sent; default: any'),
  text: text.describe(
    "only where this regular expression fits S3's decoded path and query, or ClickHouse's SQL; default: any",
  ),
  ...occurrences,
};

/** Which objects of S3. */
export const objects = {
  key: text.describe('only where this regular expression fits the decoded path and query; default: any'),
  ...occurrences,
};

/** Which statements of ClickHouse. */
export const statements = {
  statements: z.enum(['all', 'select', 'insert']).describe('which statements; default: see the fault'),
  text: text.describe('only where this regular expression fits the SQL; default: any'),
  ...occurrences,
};

/** The regular expression over the SQL for the parameters of {@link statements}. */
export function sqlPattern(which: 'all' | 'select' | 'insert', text: string | undefined): { text?: string } {
  if (which === 'all') return text === undefined ? {} : { text };
  return { text: `^\\s*${which}\\b${text === undefined ? '' : `[^]*?(?:${text})`}` };
}

/** Drops what was left out, which a rule must not have as undefined. */
export function given<T extends object>(parameters: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined)) as never;
}
