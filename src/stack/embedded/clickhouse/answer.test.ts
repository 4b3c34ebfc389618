import { expect, test } from 'vitest';
import { mediaTypeOf, summaryOf } from './answer.ts';

test.each([
  ['JSON', 'application/json; charset=UTF-8'],
  ['JSONCompact', 'application/json; charset=UTF-8'],
  ['JSONEachRow', 'application/x-ndjson; charset=UTF-8'],
  ['JSONCompactEachRowWithNames', 'application/x-ndjson; charset=UTF-8'],
  ['CSV', 'text/csv; charset=UTF-8; header=absent'],
  ['CSVWithNames', 'text/csv; charset=UTF-8; header=present'],
  ['TabSeparated', 'text/tab-separated-values; charset=UTF-8'],
  ['RowBinary', 'application/octet-stream'],
  ['Pretty', 'text/plain; charset=UTF-8'],
])('%s is %s', (format, mediaType) => {
  expect(mediaTypeOf(format)).toBe(mediaType);
});

test('the numbers of the summary are texts', () => {
  const outcome = {
    output: new Uint8Array(7),
    rowsRead: 1,
    bytesRead: 2,
    rowsWritten: 3,
    bytesWritten: 4,
    elapsedSeconds: 0.0015,
  };
  expect(JSON.parse(summaryOf(outcome))).toMatchObject({
    read_rows: '1',
    read_bytes: '2',
    written_rows: '3',
    written_bytes: '4',
    result_bytes: '7',
    elapsed_ns: '1500000',
  });
});
