/**
 * Which settings of the application are secrets, told by their names, since a real Langfuse takes any name (v3.36.0 to v4.16.0, `web/src/env.mjs` and
 * `worker/src/env.ts`: LANGFUSE_EE_LICENSE_KEY, ADMIN_API_KEY, SMTP_CONNECTION_URL, …).
 */

/** What stands in the place of a secret wherever a setting is written down or printed. */
export const HIDDEN = '[secret]';

const SECRET =
  /KEY|SECRET|PASSWORD|PASSPHRASE|TOKEN|SALT|AUTH|CREDENTIAL|DATABASE_URL|DIRECT_URL|CONNECTION_(STRING|URL)/i;

/** Endings of names whose values say how something is done: LANGFUSE_CACHE_API_KEY_ENABLED, _TTL_SECONDS, REDIS_KEY_PREFIX. */
const PLAIN = /_(ENABLED|DISABLED|SECONDS|MS|DAYS|SIZE|COUNT|LIMIT|PREFIX)$/i;

/** A URL with a password, whatever the variable is called. */
const WITH_PASSWORD = /:\/\/[^/\s]*@/;

/** A shorter one would be found in words that are none, such as `false`. */
const SHORTEST_SECRET = 6;

/** Settings of each process, `NAME` → value. */
type Settings = Readonly<Partial<Record<string, Readonly<Record<string, string>>>>>;

/** A setting's value as it may be seen: {@link HIDDEN} for a secret. An empty value, which Langfuse takes for unset, is none. */
export function shownValue(name: string, value: string): string {
  return isSecret(name, value) ? HIDDEN : value;
}

/** A scenario, or what else has settings, with its secret ones hidden: what may be written down. */
export function withSecretsHidden<T extends { readonly settings?: Settings }>(given: T): T {
  if (!given.settings) return given;
  const settings = Object.fromEntries(
    Object.entries(given.settings).map(([process, values]) => [
      process,
      Object.fromEntries(
        Object.entries(values ?? {}).map(([name, value]) => [name, shownValue(name, value)]),
      ),
    ]),
  );
  return { ...given, settings };
}

/** The values among settings that must not reach a report or a log. */
export function secretValues(settings: Settings = {}): string[] {
  return Object.values(settings).flatMap((values) =>
    Object.entries(values ?? {}).flatMap(([name, value]) =>
      isSecret(name, value) && value.length >= SHORTEST_SECRET ? [value] : [],
    ),
  );
}

function isSecret(name: string, value: string): boolean {
  return value !== '' && ((SECRET.test(name) && !PLAIN.test(name)) || WITH_PASSWORD.test(value));
}
