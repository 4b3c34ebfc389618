/** A shorter secret would be found in words that are none. */
const SHORTEST_SECRET = 8;
/** What stands where a secret was. */
export const REMOVED = '(removed)';

/** Removes secrets from texts. */
export interface Scrubber {
  /** Takes the keys of an `Authorization` header, Basic or Bearer, to be removed from now on. */
  learn(authorization: string | undefined): void;
  scrub(text: string): string;
}

/** Starts with the given secrets; those shorter than 8 characters are ignored. */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const known = new Set(secrets.filter(isLongEnough));
  return {
    learn: (authorization) => {
      const [scheme, value] = authorization?.split(' ', 2) ?? [];
      if (value === undefined) return;
      const keys = /^basic$/i.test(scheme ?? '')
        ? Buffer.from(value, 'base64').toString('utf8').split(':')
        : [];
      for (const key of [value, ...keys].filter(isLongEnough)) known.add(key);
    },
    scrub: (text) => {
      let clean = text;
      for (const secret of known) clean = clean.replaceAll(secret, REMOVED);
      return clean;
    },
  };
}

function isLongEnough(secret: string): boolean {
  return secret.length >= SHORTEST_SECRET;
}
