import { z } from 'zod';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Name of the environment variable that holds a value. */
const fromEnvironment = z.strictObject({
  env: z.string().regex(NAME, { error: 'expected the name of an environment variable, not its value' }),
});

/** A secret: only the name of the variable that holds it may stand in the file. What stands there in clear is never repeated in an error. */
export const secretSchema = z.strictObject(fromEnvironment.shape, {
  error: ({ code, input }) =>
    code !== 'invalid_type'
      ? undefined
      : input === undefined
        ? 'is missing: expected { env: NAME }, the environment variable that holds it'
        : 'a secret stands here in clear: write { env: NAME }, the environment variable that holds it, and change the secret where others may have read this file',
});

/** What is no secret may stand in the file or in an environment variable. */
export const valueSchema = z.union([z.string().min(1), fromEnvironment]);
export type Value = z.infer<typeof valueSchema>;

/** Base URL without a slash at the end; credentials in it would be a secret in clear. */
export function urlSchema(...protocols: readonly string[]) {
  const kinds = protocols.map((each) => `${each}://`).join(' or ');
  return z.string({ error: `expected an address that begins with ${kinds}` }).transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !protocols.includes(url.protocol.slice(0, -1))) {
      context.addIssue({ code: 'custom', message: `expected an address that begins with ${kinds}` });
      return z.NEVER;
    }
    if (url.username !== '' || url.password !== '') {
      context.addIssue({
        code: 'custom',
        message:
          'user and password stand here in clear: write `username` and `password: { env: NAME }` beside it, and change the password where others may have read this file',
      });
      return z.NEVER;
    }
    return text.replace(/\/+$/, '');
  });
}
