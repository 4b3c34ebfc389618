import type { HttpAction } from '../../stack/http.ts';

/** S3's errors that the catalogue has (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
const ERRORS = {
  SlowDown: { status: 503, message: 'Please reduce your request rate.' },
  AccessDenied: { status: 403, message: 'Access Denied' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.' },
} as const;

/** An answer as S3 sends it. */
export function s3Error(code: keyof typeof ERRORS): HttpAction {
  const { status, message } = ERRORS[code];
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'CHAOS' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>CHAOS</RequestId><HostId>CHAOS</HostId></Error>`,
  };
}

/** Path of a request for an object, in path style: `/bucket/key`, and not `/bucket/?list-type=2`. */
export const OBJECT_PATH = '^/[^/?]+/[^?]';
