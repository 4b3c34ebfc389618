import type { HttpAction } from '../../http.ts';

/** An action that changes the answer of the server. */
export type Rewrite = Extract<HttpAction, { kind: 'cut-list' | 'corrupt' | 'break-off' }>;

/** The body as changed, and what was done, in words. */
export interface Rewritten {
  readonly body: Buffer;
  readonly did: string;
}

/** Changes the body of a 200. @returns undefined when there is nothing to change */
export function rewrite(action: Rewrite, body: Buffer): Rewritten | undefined {
  if (action.kind === 'cut-list') return cutList(body, action.drop);
  if (action.kind === 'corrupt') return corrupt(body, action.how);
  const kept = body.subarray(0, action.after);
  const end = action.complete ? '' : ', then closed the connection';
  return {
    body: Buffer.concat([kept, Buffer.from(action.text)]),
    did: `broke off after ${kept.length} of ${body.length} bytes of a 200 with an error in the body${end}`,
  };
}

/**
 * Leaves the last keys of a ListObjectsV2 answer out, and says nothing of it: `KeyCount` fits, `IsTruncated` stays what it was
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html).
 */
function cutList(body: Buffer, drop: number | 'all'): Rewritten | undefined {
  const xml = body.toString('utf8');
  const entries = xml.match(/<Contents>.*?<\/Contents>/gs) ?? [];
  const gone = drop === 'all' ? entries : entries.slice(-drop);
  if (gone.length === 0) return undefined;
  const left = entries.length - gone.length;
  let seen = 0;
  const cut = xml
    .replace(/<Contents>.*?<\/Contents>/gs, (entry) => {
      seen += 1;
      return seen <= left ? entry : '';
    })
    .replace(/<KeyCount>\d+<\/KeyCount>/, `<KeyCount>${left}</KeyCount>`);
  return { body: Buffer.from(cut), did: `left ${gone.length} of ${entries.length} keys out of the list` };
}

/** Bytes that are turned over in the middle of an object. */
const FLIPPED = 16;

function corrupt(body: Buffer, how: 'cut' | 'flip'): Rewritten | undefined {
  if (body.length === 0) return undefined;
  const middle = Math.floor(body.length / 2);
  if (how === 'cut') {
    return { body: body.subarray(0, middle), did: `cut the object to ${middle} of ${body.length} bytes` };
  }
  const flipped = Buffer.from(body);
  const start = Math.max(0, middle - FLIPPED / 2);
  const end = Math.min(body.length, start + FLIPPED);
  for (let index = start; index < end; index += 1) flipped[index] = ~(flipped[index] ?? 0) & 0xff;
  return { body: flipped, did: `turned over ${end - start} bytes in the middle of the object` };
}
