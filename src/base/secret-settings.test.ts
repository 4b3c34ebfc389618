import { expect, test } from 'vitest';
import { HIDDEN, secretValues, shownValue, withoutSecrets, withSecretsHidden } from './secret-settings.ts';

test.each([
  'LANGFUSE_EE_LICENSE_KEY',
  'ADMIN_API_KEY',
  'SALT',
  'CLICKHOUSE_PASSWORD',
  'REDIS_AUTH',
  'NEXTAUTH_SECRET',
  'DATABASE_URL',
  'DIRECT_URL',
  'REDIS_CONNECTION_STRING',
  'SMTP_CONNECTION_URL',
  'LANGFUSE_GOOGLE_CLOUD_STORAGE_CREDENTIALS',
])('the value of %s is hidden', (name) => {
  expect(shownValue(name, 'hunter2')).toBe(HIDDEN);
  expect(shownValue(name, '')).toBe('');
});

test.each([
  'LANGFUSE_CACHE_API_KEY_ENABLED',
  'LANGFUSE_CACHE_API_KEY_TTL_SECONDS',
  'REDIS_KEY_PREFIX',
  'LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS',
  'CLICKHOUSE_URL',
])('the value of %s is shown', (name) => {
  expect(shownValue(name, '1000')).toBe('1000');
});

test('a URL with a password is hidden under any name', () => {
  expect(shownValue('CLICKHOUSE_URL', 'http://me:hunter2@host:8123')).toBe(HIDDEN);
  expect(shownValue('CLICKHOUSE_URL', 'http://host:8123/a@b')).toBe('http://host:8123/a@b');
});

test('secrets are hidden in what has settings, and nothing else is changed', () => {
  const scenario = { name: 'mine', settings: { web: { ADMIN_API_KEY: 'hunter2', A: '1' }, worker: {} } };
  expect(withSecretsHidden(scenario)).toEqual({
    name: 'mine',
    settings: { web: { ADMIN_API_KEY: HIDDEN, A: '1' }, worker: {} },
  });
  expect(scenario.settings.web.ADMIN_API_KEY).toBe('hunter2');
  const without: { name: string; settings?: Record<string, Record<string, string>> } = { name: 'mine' };
  expect(withSecretsHidden(without)).toBe(without);
});

test('logs are rid of the values, but not of every short word', () => {
  expect(
    secretValues({
      web: { ADMIN_API_KEY: 'hunter2', SALT: 'no', A: 'plain-value' },
      worker: { SALT: 'pepper' },
    }),
  ).toEqual(['hunter2', 'pepper']);
  expect(secretValues(undefined)).toEqual([]);
});

test('a text is rid of secrets, of one that begins another too', () => {
  const secrets = ['half-of-it', 'half-of-it-and-more', 'a.c(d', ''];
  expect(withoutSecrets('half-of-it, half-of-it-and-more, a.c(d, abc(d', secrets)).toBe(
    `${HIDDEN}, ${HIDDEN}, ${HIDDEN}, abc(d`,
  );
  expect(withoutSecrets('nothing', [''])).toBe('nothing');
});
