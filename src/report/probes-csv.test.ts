import { expect, test } from 'vitest';
import { renderProbesCsv } from './probes-csv.ts';

const HEAD =
  'probe,fault,on,felt,endpoint,asked_in_its_place,status,answer,took_ms,persisted_by_itself,persisted_in_the_end,recovered_after_ms,not_recovered_within_ms';

test('a line for each answer, with the fault that it was given under', () => {
  const csv = renderProbesCsv({
    faults: [{ fault: 'name-gone', on: 'web→s3', injectedAt: 0, felt: 'it asked' }],
    probes: [
      {
        label: 'S3 gone',
        endpoint: 'POST /a',
        at: 0,
        status: 500,
        body: 'sorry',
        tookMs: 12,
        under: 0,
        persisted: { settled: 'S3', last: 'ClickHouse' },
        recovery: { afterMs: 300 },
      },
      { label: 'all well', endpoint: 'GET /b', asked: 'GET /v2/b', at: 0, body: 'TIMEOUT', tookMs: 8000 },
    ],
  });
  expect(csv.split('\r\n')).toEqual([
    HEAD,
    'S3 gone,name-gone,web→s3,it asked,POST /a,,500,sorry,12,S3,ClickHouse,300,',
    'all well,,,,GET /b,GET /v2/b,,TIMEOUT,8000,,,,',
    '',
  ]);
});

test('quotes, commas and line ends are kept, and nothing becomes a formula', () => {
  const probe = (body: string) => ({ label: 'x', endpoint: 'GET /', at: 0, status: 200, body, tookMs: 1 });
  const csv = renderProbesCsv({ faults: [], probes: [probe('{"a":1,\n"b":2}'), probe('=1+1')] });
  expect(csv).toContain(',200,"{""a"":1,\n""b"":2}",1,');
  expect(csv).toContain(",200,'=1+1,1,");
});
