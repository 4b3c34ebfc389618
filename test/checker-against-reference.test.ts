import { expect, test } from 'vitest';
import { createRandom } from '../src/base/random.ts';
import type { SentEvent, StoredRow } from '../src/checker/input.ts';
import { judge } from '../src/checker/judge.ts';
import { checkpoint, context, PROJECT, START } from '../src/checker/testing/build.ts';
import { entityOf, type IngestionEvent } from '../src/langfuse/events.ts';
import { generateTraffic } from '../src/traffic/generated/generator.ts';
import { landedRow } from './support/landed-rows.ts';

/* The checker's merge rules and the reference pipeline's were written apart from each other; they must agree on real traffic. */

const { sends, rows } = generated('reference');

test('what the reference pipeline makes of generated traffic passes', () => {
  const verdict = judge(sends, [checkpoint('settled', rows)], context());
  expect(verdict).toMatchObject({ verdict: 'pass', findings: [] });
  expect(verdict.counts).toMatchObject({ events: 3000, acknowledged: 3000, entities: rows.length });
});

test('one altered text among all rows is found', () => {
  const at = rows.findIndex((row) => row.kind === 'observation' && typeof row.output === 'string');
  const altered = rows.with(at, { ...(rows[at] as StoredRow), output: `${rows[at]?.output} ` });
  const verdict = judge(sends, [checkpoint('settled', altered)], context());
  expect(verdict.verdict).toBe('fail');
  expect(new Set(verdict.findings.map(({ outcome, entity }) => `${outcome} ${entity}`))).toEqual(
    new Set([`altered observation/${rows[at]?.id}`]),
  );
});

function generated(seed: string): { sends: SentEvent[]; rows: StoredRow[] } {
  const plan = { kind: 'generated', rate: 1000, duration: 3, maxBatch: 20, maxBytes: 2000 } as const;
  const found: SentEvent[] = [];
  const byEntity = new Map<string, IngestionEvent[]>();
  for (const [request, { body }] of [...generateTraffic(plan, createRandom(seed)).requests].entries()) {
    const { batch } = JSON.parse(body) as { batch: IngestionEvent[] };
    const sentAt = START + request;
    for (const [index, event] of batch.entries()) {
      // All requests overlap: any order of processing is possible, that of the reference among them.
      found.push({ event, request, index, answer: 'acknowledged', sentAt, answeredAt: START + 30_000 });
      const entity = entityOf(event) as string;
      byEntity.set(entity, [...(byEntity.get(entity) ?? []), event]);
    }
  }
  return { sends: found, rows: [...byEntity.values()].map((events) => landedRow(events, PROJECT, START)) };
}
