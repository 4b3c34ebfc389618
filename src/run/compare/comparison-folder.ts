import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderComparisonHtml } from '../../report/compare/html.ts';
import { renderComparisonMarkdown } from '../../report/compare/markdown.ts';
import type { ComparisonReport } from '../../report/compare/report.ts';
import { reportsFolder, writing } from '../run-folder.ts';

/** The files of one comparison, beside the folders of its runs. */
export class ComparisonFolder {
  readonly name: string;
  readonly path: string;

  constructor(name: string) {
    this.name = name;
    this.path = join(reportsFolder(), name);
  }

  get htmlFile(): string {
    return join(this.path, 'report.html');
  }

  /** Writes `compare.json` and the reports. @throws ChaosError `E_RUN_FOLDER` when it can't be written */
  write(report: ComparisonReport): void {
    writing(this.path, () => {
      mkdirSync(this.path, { recursive: true });
      this.#write('compare.json', `${JSON.stringify(report, null, 2)}\n`);
      this.#write('report.html', renderComparisonHtml(report));
      this.#write('summary.md', renderComparisonMarkdown(report));
    });
  }

  /** Whole or not at all. */
  #write(file: string, text: string): void {
    const path = join(this.path, file);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }
}
