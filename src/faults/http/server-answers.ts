import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { HttpLink } from '../../stack/http.ts';
import type { Stack } from '../../stack/stack.ts';

/** Milliseconds that one question over a link may take. */
const TIMEOUT_MS = 3000;

/**
 * Asks the server behind a link over the link, as the process would: S3 for the bucket, ClickHouse for a ping.
 *
 * @returns the observation in words; undefined when it did not answer well
 */
export async function serverAnswers(link: HttpLink, stack: Stack): Promise<string | undefined> {
  const { host, port } = stack.linkAddress(link);
  const url = `http://${host}:${port}`;
  const good = link.endsWith('→s3') ? await bucketIsThere(url, stack) : await pings(url);
  return good ? `the server answered over ${link}` : undefined;
}

async function bucketIsThere(endpoint: string, { access: { s3 } }: Stack): Promise<boolean> {
  const client = new S3Client({
    endpoint,
    region: s3.region,
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: { requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  });
  try {
    await client.send(new HeadBucketCommand({ Bucket: s3.bucket }));
    return true;
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}

/** Not by a query: ClickHouse may be unwell for another reason, and still be the one that answers. */
async function pings(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return (await response.text()).trim() === 'Ok.';
  } catch {
    return false;
  }
}
