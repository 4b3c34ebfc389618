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

/** The texts of settings that must not reach a report or a log: the values of the secret ones, in each form in which programs write them. */
export function secretValues(settings: Settings = {}): string[] {
  const found = Object.values(settings).flatMap((values) =>
    Object.entries(values ?? {}).flatMap(([name, value]) =>
      isSecret(name, value) ? secretForms(value) : [],
    ),
  );
  return [...new Set(found)];
}

/** A text with every secret in it replaced by {@link HIDDEN}. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // The longest first: one may be the beginning of another, whose rest would be left.
  const longestFirst = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return text;
  const any = longestFirst.map((secret) => secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return text.replace(new RegExp(any, 'g'), HIDDEN);
}

/**
 * The texts as which programs write down a secret: as it is, as JSON and a URL hold it, its lines one by one, and of a URL the password
 * alone. What is shorter than 6 characters is left out.
 */
export function secretForms(value: string): string[] {
  const password = URL.canParse(value) ? new URL(value).password : '';
  const texts = [value, ...value.split('\n'), password, decoded(password)];
  const forms = texts.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
  ]);
  return [...new Set(forms)].filter((text) => text.length >= SHORTEST_SECRET);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isSecret(name: string, value: string): boolean {
  return value !== '' && ((SECRET.test(name) && !PLAIN.test(name)) || WITH_PASSWORD.test(value));
}
