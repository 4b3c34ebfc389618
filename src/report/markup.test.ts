import { expect, test } from 'vitest';
import { markup } from './markup.ts';

test('values are escaped, markup is not, and nothing leaves nothing', () => {
  const inner = markup`<b>${'<script>"&\''}</b>`;
  expect(markup`<p title="${'"><x'}">${inner}${[inner, inner]}${undefined}${false}${3}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;x"><b>&lt;script&gt;&quot;&amp;&#39;</b>' +
      '<b>&lt;script&gt;&quot;&amp;&#39;</b>'.repeat(2) +
      '3</p>',
  );
});
