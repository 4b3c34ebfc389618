import type { HttpAction, HttpLink, HttpRule } from '../../http.ts';

/** A request as a rule sees it. */
export interface Seen {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** What it is about, decoded; see {@link textOf}. */
  readonly text: string;
}

/** A rule with its count of requests. */
export class CountedRule {
  readonly rule: HttpRule;
  #matched = 0;
  #taken = 0;

  constructor(rule: HttpRule) {
    this.rule = rule;
  }

  /** Whether its match needs a look into the body. */
  get needsText(): boolean {
    return this.rule.match.text !== undefined;
  }

  /** Counts a request; returns what is to be done to it, undefined when it is let through. */
  take(seen: Seen): HttpAction | undefined {
    const { method, path, text, nth, every = 1, limit = Number.POSITIVE_INFINITY } = this.rule.match;
    if (method !== undefined && method !== seen.method) return undefined;
    if (path !== undefined && !new RegExp(path).test(seen.path)) return undefined;
    if (text !== undefined && !new RegExp(text, 'i').test(seen.text)) return undefined;
    this.#matched += 1;
    if (nth !== undefined && this.#matched !== nth) return undefined;
    if (this.#matched % every !== 0 || this.#taken >= limit) return undefined;
    this.#taken += 1;
    return this.rule.action;
  }
}

/**
 * What a request is about: for S3 its path and query, decoded, which hold key and prefix; for ClickHouse its SQL, of which the
 * URL holds a part or all, and the body the rest.
 *
 * @param body the beginning of the body, where it was read
 */
export function textOf(link: HttpLink, path: string, body: Buffer): string {
  if (link.endsWith('→s3')) return decoded(path);
  const inUrl = new URL(path, 'http://server').searchParams.get('query') ?? '';
  return `${inUrl}\n${body.toString('utf8')}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    return path; // a percent sign that escapes nothing
  }
}
