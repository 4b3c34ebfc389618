import type { RunRecord } from '../../history/run-record.ts';
import { settingTexts } from '../../report/describe.ts';

/** What was tested, flat, for a table: versions of all that took part, the settings of the application. */
export function runFacts(run: RunRecord): Record<string, string> {
  return {
    stack: run.stack,
    ...Object.fromEntries(
      Object.entries(run.versions).map(([part, version]) => [`version of ${part}`, version]),
    ),
    ...Object.fromEntries(
      settingTexts(run).map((text) => [
        `setting ${text.slice(0, text.indexOf('='))}`,
        text.slice(text.indexOf('=') + 1),
      ]),
    ),
  };
}
