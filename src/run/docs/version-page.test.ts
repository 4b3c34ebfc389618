import { expect, test } from 'vitest';
import { PROFILES } from '../../langfuse/profile.ts';
import { FIRST_PROFILE } from '../../langfuse/profiles.ts';
import { renderVersionPage } from './version-page.ts';

test('the oldest version stands in full, a later one with what it changed and nothing else', () => {
  const page = renderVersionPage([
    FIRST_PROFILE,
    { ...FIRST_PROFILE, from: '3.75.2', listLimit: 200 },
    { ...FIRST_PROFILE, from: '3.80.0', listLimit: 200, retriesBrokenInsert: true },
  ]);
  expect(page).toContain('| Objects of one entity that are read | the first 1000 |');
  expect(page.slice(page.indexOf('| from |'))).toBe(
    `| from | what | how since then |
|---|---|---|
| 3.75.2 | Objects of one entity that are read | the first 200 |
| 3.80.0 | Inserts before a row is dropped | 3, each repeated up to 3 times when the connection breaks |
`,
  );
});

test('every range of versions changes something that the page says', () => {
  const page = renderVersionPage(PROFILES);
  expect(PROFILES.slice(1).filter(({ from }) => !page.includes(`| ${from} |`))).toEqual([]);
});
