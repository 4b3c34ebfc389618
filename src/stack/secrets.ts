import { randomBytes, randomUUID } from 'node:crypto';
import { secretValues } from '../base/secret-settings.ts';
import type { StartedState } from './new-state.ts';

/** Random per stack, so that a process of another stack cannot be taken for one of this. */
export interface Secrets {
  readonly redisPassword: string;
  readonly postgresPassword: string;
  readonly clickhousePassword: string;
  readonly s3AccessKeyId: string;
  readonly s3SecretAccessKey: string;
  readonly dnsToken: string;
  readonly httpProxyToken: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly salt: string;
  /** 64 hexadecimal digits, as Langfuse wants it. */
  readonly encryptionKey: string;
  readonly authSecret: string;
}

/** The passwords, keys and tokens of one stack, from the operating system's generator; the lengths are those that Langfuse takes. */
export function randomSecrets(): Secrets {
  const secret = () => randomBytes(18).toString('hex');
  return {
    redisPassword: secret(),
    postgresPassword: secret(),
    clickhousePassword: secret(),
    s3AccessKeyId: randomBytes(10).toString('hex'),
    s3SecretAccessKey: secret(),
    dnsToken: secret(),
    httpProxyToken: secret(),
    publicKey: `pk-lf-${randomUUID()}`,
    secretKey: `sk-lf-${randomUUID()}`,
    salt: secret(),
    encryptionKey: randomBytes(32).toString('hex'),
    authSecret: secret(),
  };
}

/**
 * Every text of a stack that must not be seen: its own secrets, and those among the settings that it was given. The public key and the S3
 * key's id are none; key and secret together also travel as one text.
 */
export function secretTexts({ secrets, settings }: Pick<StartedState, 'secrets' | 'settings'>): string[] {
  const { publicKey, s3AccessKeyId: _id, ...others } = secrets;
  const basic = Buffer.from(`${publicKey}:${others.secretKey}`).toString('base64');
  return [...Object.values(others), basic, ...secretValues(settings)];
}
