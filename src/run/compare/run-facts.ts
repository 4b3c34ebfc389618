import type { RunRecord } from '../../history/run-record.ts';
import { settingTexts } from '../../report/describe.ts';

/** What was tested, flat, for a table: versions of all that took part, what was found of the target, the settings of the application. */
export function runFacts(run: RunRecord): Record<string, string> {
  return {
    stack: run.stack,
    ...targetFacts(run),
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

/** Queues and tables one by one, so that a table of differences names those that came or went. */
function targetFacts({ langfuse }: RunRecord): Record<string, string> {
  if (!langfuse) return {};
  const there = (kind: string, names: readonly string[]) =>
    Object.fromEntries(names.toSorted().map((name) => [`${kind} ${name}`, 'there']));
  return {
    langfuse: langfuse.version,
    ...(langfuse.writeMode ? { 'write mode': langfuse.writeMode } : {}),
    'behaviour as of': langfuse.profile,
    clickhouse: langfuse.clickhouse,
    ...there('queue', langfuse.queues),
    ...there('table', langfuse.tables),
  };
}
