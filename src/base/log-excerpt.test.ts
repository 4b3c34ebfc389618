import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logExcerpt } from './log-excerpt.ts';
import { HIDDEN, secretValues } from './secret-settings.ts';

test('the last twelve lines that say something, cut where they are long', () => {
  const log = [...Array.from({ length: 20 }, (_, index) => `line ${index}`), ' ', 'x'.repeat(500)];
  const excerpt = logExcerpt(log, []);
  expect(excerpt).toHaveLength(12);
  expect(excerpt[0]).toBe('line 9');
  expect(excerpt.at(-1)).toBe(`${'x'.repeat(400)}…`);
  expect(logExcerpt('one\n\ntwo\n', [])).toEqual(['one', 'two']);
});

test('a secret is hidden also where the line is cut in its middle', () => {
  const line = `${'x'.repeat(395)}hunter2-and-more`;
  expect(logExcerpt([line], ['hunter2-and-more'])).toEqual([`${'x'.repeat(395)}${HIDDEN.slice(0, 5)}…`]);
});

const secretName = fc.constantFrom(
  'SALT',
  'REDIS_AUTH',
  'ADMIN_API_KEY',
  'DATABASE_URL',
  'CLICKHOUSE_PASSWORD',
);
const secret = fc
  .oneof(
    fc.string({ minLength: 6, maxLength: 40, unit: 'binary' }),
    fc.base64String({ minLength: 8, maxLength: 40 }),
    fc.constantFrom(
      '-----BEGIN KEY-----\nMIIBvTBX\n-----END KEY-----',
      'pass"word\\n',
      'half-of-it',
      'half-of-it-and-more',
    ),
    fc.webUrl().map((url) => url.replace('://', '://user:p%40ss-word@')),
  )
  // One that is found in the word that takes its place cannot be hidden by it.
  .filter((value) => value.trim().length >= 6 && !/[[\]]/.test(value) && !HIDDEN.includes(value));
/** As programs write a value: as it is, in JSON, and in a URL. */
const written = (value: string) => [value, JSON.stringify(value), encodeURIComponent(value.toWellFormed())];

test('a value of a secret setting never appears, wherever it stands in a log and however it is written there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(secretName, secret), { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.string(), fc.nat(), fc.nat(2), fc.string()), { minLength: 1, maxLength: 10 }),
      (settings, places) => {
        const given = settings.map(([name, value], index) => ({
          [`${name}_${index}`]: value,
        }));
        const values = settings.map(([, value]) => value);
        const log = places.map(
          ([before, which, how, after]) =>
            `${before}${written(values[which % values.length] ?? '')[how]}${after}`,
        );
        const secrets = secretValues({ web: Object.assign({}, ...given) });
        const seen = logExcerpt(log, secrets).join('\n');
        for (const value of values)
          for (const form of written(value).map((text) => text.replace(/^"|"$/g, '')))
            expect(seen).not.toContain(form);
      },
    ),
    { numRuns: 500 },
  );
});

test('of a connection URL the password alone is hidden as well, and each line of a key', () => {
  const secrets = secretValues({
    web: {
      DATABASE_URL: 'postgres://langfuse:p%40ss-word@db:5432/langfuse',
      GITHUB_PRIVATE_KEY: '-----BEGIN KEY-----\nMIIBvTBXhunter2\n-----END KEY-----',
    },
  });
  const log = ['user "langfuse" with p@ss-word', 'p%40ss-word', 'read MIIBvTBXhunter2', 'host db'];
  expect(logExcerpt(log, secrets)).toEqual([
    `user "langfuse" with ${HIDDEN}`,
    HIDDEN,
    `read ${HIDDEN}`,
    'host db',
  ]);
});
