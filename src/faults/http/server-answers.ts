import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { HttpLink } from '../../stack/http.ts';
import type { Stack } from '../../stack/stack.ts';

/** Milliseconds that one question over a link may take. */
const TIMEOUT_MS = 3000;

/**
 * Asks the server behind a link over the link, as the process would: S3 for the bucket, ClickHouse for `SELECT 1`.
 *
 * @returns the observation in words; undefined when it did not answer well
 */
export async function serverAnswers(link: HttpLink, stack: Stack): Promise<string | undefined> {
  const { host, port } = stack.linkAddress(link);
  const url = `http://${host}:${port}`;
  const good = link.endsWith('→s3') ? await bucketIsThere(url, stack) : await selects(url, stack);
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

async function selects(url: string, { access: { clickhouse } }: Stack): Promise<boolean> {
  try {
    const response = await fetch(`${url}/?query=SELECT%201`, {
      headers: { 'x-clickhouse-user': clickhouse.username, 'x-clickhouse-key': clickhouse.password },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return (await response.text()).trim() === '1';
  } catch {
    return false;
  }
}
