import { expect, test } from 'vitest';
import { Findings, MOST_FINDINGS } from './findings.ts';
import type { Finding } from './verdict.ts';

const COUNT = 4 * MOST_FINDINGS + 7;

test.each([
  ['in their order', (n: number) => n],
  ['against their order', (n: number) => COUNT - 1 - n],
  // 7919 is prime and no divisor of the count: every number comes once.
  ['mixed', (n: number) => (n * 7919) % COUNT],
])('the worst are kept however many there are: %s', (_, numberAt) => {
  const findings = new Findings();
  for (let n = 0; n < COUNT; n += 1) findings.add(finding(numberAt(n)));
  const { findings: kept, leftOut } = findings.list();
  expect(leftOut).toBe(COUNT - MOST_FINDINGS);
  const lost = Array.from({ length: Math.ceil(COUNT / 8) }, (_, at) => 8 * at);
  const recovered = Array.from({ length: COUNT }, (_, n) => n).filter((n) => n % 8 !== 0);
  const worst = [...lost, ...recovered].slice(0, MOST_FINDINGS);
  expect(kept.map(({ request }) => request)).toEqual(worst);
});

/** Every eighth is lost, the others were brought back. */
function finding(request: number): Finding {
  const outcome = request % 8 === 0 ? 'lost' : 'recovered-by-replay';
  return { outcome, entity: 'trace/t', eventId: `e${request}`, request, stages: {} };
}
