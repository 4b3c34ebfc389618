import { z } from 'zod';
import { type AppProcess, LINKS, type Link } from './stack.ts';

/** A link that speaks HTTP. */
export type HttpLink = `${AppProcess}→${'s3' | 'clickhouse'}`;

/** Whether a link speaks HTTP. */
export function isHttpLink(link: Link): link is HttpLink {
  return link.endsWith('→s3') || link.endsWith('→clickhouse');
}

/** Every link that speaks HTTP. */
export const HTTP_LINKS: readonly HttpLink[] = LINKS.filter(isHttpLink);

const pattern = z.string().refine(
  (text) => {
    try {
      return Boolean(new RegExp(text));
    } catch {
      return false;
    }
  },
  { error: 'not a regular expression' },
);
const count = z.int().min(1);

/** Which requests of a link a rule is for; what is left out does not matter. */
export const httpMatchSchema = z.strictObject({
  /** Method, upper case. */
  method: z.string().optional(),
  /** Regular expression over path and query as they were sent, so with their percent signs. */
  path: pattern.optional(),
  /**
   * Regular expression over what the request is about, decoded: S3's path and query, or ClickHouse's SQL, which stands in the
   * URL or in the first 64 KiB of an uncompressed body.
   */
  text: pattern.optional(),
  /** Of those, only this one; 1 is the first since the rule was set. */
  nth: count.optional(),
  /** Of those, only every so many-th: 3 is the third, sixth, … */
  every: count.optional(),
  /** No more than this many altogether. */
  limit: count.optional(),
});
export type HttpMatch = z.infer<typeof httpMatchSchema>;

/** What is done to a request that matches. All but `answer` concern requests that the server answered with 200. */
export const httpActionSchema = z.discriminatedUnion('kind', [
  /** Answered without asking the server. The body of the request is read and dropped. */
  z.strictObject({
    kind: z.literal('answer'),
    status: z.int().min(200).max(599),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
  /** A listing of S3 lacks its last keys. */
  z.strictObject({ kind: z.literal('cut-list'), drop: z.union([count, z.literal('all')]) }),
  /** The body ends in its middle, as if it had been written so; or the bytes in its middle are turned over. */
  z.strictObject({ kind: z.literal('corrupt'), how: z.enum(['cut', 'flip']) }),
  /** After some bytes of the body comes another text, then the end: `complete` as HTTP ends a body, or the connection is closed. */
  z.strictObject({
    kind: z.literal('break-off'),
    after: z.int().min(0),
    text: z.string(),
    complete: z.boolean(),
  }),
  /** The server has done it; the connection is closed in place of its answer. */
  z.strictObject({ kind: z.literal('lose-answer') }),
]);
export type HttpAction = z.infer<typeof httpActionSchema>;

/** Which requests of a link are interfered with, and how. */
export const httpRuleSchema = z.strictObject({ match: httpMatchSchema, action: httpActionSchema });
export type HttpRule = z.infer<typeof httpRuleSchema>;

/** A request that was interfered with. */
export interface HttpHit {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The link; its near end is the only process that uses it. */
  readonly link: HttpLink;
  readonly method: string;
  /** The first 200 characters of path and query. */
  readonly path: string;
  /** What was done, in words. */
  readonly did: string;
}

/** Interferes with single HTTP requests of a link. */
export interface HttpControl {
  /**
   * Sets the one rule of a link in place of an earlier one. From the first rule on, until it is cleared, the link leads through a
   * proxy that understands HTTP; its open connections are closed when that begins and when it ends.
   */
  setRule(link: HttpLink, rule: HttpRule): Promise<void>;
  /** Takes the rule away; the link leads to the server again. Nothing happens when there is none. */
  clearRule(link: HttpLink): Promise<void>;
  /** The requests of a link that were interfered with at or after `since`, oldest first (the last 10,000 of all links are kept). */
  hits(link: HttpLink, since: number): Promise<HttpHit[]>;
}
