import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import example from '../../../docs/examples/my-scenario.ts';
import { scenarioSchema } from '../../scenario/schema.ts';
import { loadScenario } from '../load-scenario.ts';
import { pageFile } from './generated.ts';
import { EXAMPLE, renderScenarioGuide } from './scenario-guide.ts';

test('the example is a scenario that can be loaded', async () => {
  expect(await loadScenario(fileURLToPath(pageFile(EXAMPLE)))).toEqual(example);
});

/** Every key and every fixed value that the schema of a scenario knows. */
function wordsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { properties = {}, enum: values = [], const: value } = node as z.core.JSONSchema.JSONSchema;
  const fixed = [...values, value].filter((each) => typeof each === 'string');
  return [...Object.keys(properties), ...fixed, ...Object.values(node).flatMap(wordsOf)];
}

test('every field, step, expectation and value of the schema is on the page', () => {
  const words = new Set(wordsOf(z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' })));
  expect([...words]).toEqual(
    expect.arrayContaining([
      'inTurn',
      'settled',
      'blind-loss',
      'retry failed jobs',
      'guide: retry all at once',
      's3-only',
    ]),
  );
  const page = renderScenarioGuide().replaceAll(/^```[\s\S]*?^```$/gm, '');
  const spans = [...page.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  const explained = (word: string) => spans.some((code) => code === word || code.includes(` ${word}: `));
  const isWay = (word: string) => /^D\d+$/.test(word);
  expect([...words].filter((word) => !isWay(word) && !explained(word))).toEqual([]);
});
