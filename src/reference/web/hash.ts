import { createHash } from 'node:crypto';

/** Hash under which a secret key is looked up: sha256 of the key followed by the hex sha256 of the salt. */
export function fastHash(secretKey: string, salt: string): string {
  const saltHash = createHash('sha256').update(salt, 'utf8').digest('hex');
  return createHash('sha256').update(secretKey).update(saltHash).digest('hex');
}
