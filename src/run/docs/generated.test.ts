import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { CATALOGUE } from '../../faults/catalogue.ts';
import { ODD_TRAFFIC } from '../../traffic/odd/catalogue.ts';
import { renderFaultPage } from './fault-page.ts';
import { GENERATED_PAGES, pageFile } from './generated.ts';

test.each(GENERATED_PAGES)('%s is what the code makes it', async (path, render) => {
  expect(readFileSync(pageFile(path), 'utf8'), 'run `npm run docs`').toBe(await render());
});

test('every parameter of a fault and of odd traffic says what it is', () => {
  const silent = [...CATALOGUE, ...ODD_TRAFFIC].flatMap(({ name, schema }) => {
    const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return Object.entries(properties)
      .filter(([key, value]) => key !== 'on' && !(value as { description?: string }).description)
      .map(([key]) => `${name}.${key}`);
  });
  expect(silent).toEqual([]);
});

test('a fault is shown with where it can be injected, its parameters and what shows it', () => {
  const page = renderFaultPage(CATALOGUE, []);
  const lineOf = (name: string) => page.split('\n').find((line) => line.startsWith(`| \`${name}\``));
  expect(lineOf('refused')).toContain('| a link |  | Open connections');
  expect(lineOf('slow-close')).toContain('| a link, but not to `dns` | `delayMs`: milliseconds');
  expect(lineOf('restart-loop')).toContain('| a component, but not `toxiproxy` |');
  expect(lineOf('rolling-restart')).toContain('| `application` |');
  expect(lineOf('started-without')).toContain(
    '| `web`, `worker` | `without` (needed): the dependency that is away while it starts (`clickhouse`, `redis`, `postgres`, `s3`, `dns`)<br>',
  );
});
