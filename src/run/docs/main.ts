/** `npm run docs`: writes the pages that are made from the code. */
import { writeFileSync } from 'node:fs';
import { GENERATED_PAGES, pageFile } from './generated.ts';

for (const [path, render] of GENERATED_PAGES) {
  writeFileSync(pageFile(path), await render());
  console.log(path);
}
