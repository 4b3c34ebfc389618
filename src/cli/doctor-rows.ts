/** What {@link doctor} found of one part. */
export interface DoctorRow {
  readonly part: string;
  /** Empty where the part has no version. */
  readonly version: string;
  /** Where it comes from: `PATH, /usr/bin/redis-server`, `npm, chdb 3.4.0`. */
  readonly origin: string;
  /** `optional`: it is not there, and nothing needs it as things are. */
  readonly state: 'ok' | 'missing' | 'optional';
  /** Why it is not ok, and what to do. */
  readonly advice?: string;
}

type Found = Pick<DoctorRow, 'part'> & Partial<DoctorRow>;

/** A part that is there and runs. */
export const ok = (found: Found): DoctorRow => ({ version: '', origin: '', ...found, state: 'ok' });

/** A part that is not there or does not run. */
export const missing = (found: Found, advice: string): DoctorRow => ({
  version: '',
  origin: '',
  ...found,
  state: 'missing',
  advice,
});

/** A part that is not there and need not be. */
export const optional = (found: Found, advice: string): DoctorRow => ({
  ...missing(found, advice),
  state: 'optional',
});

/** What {@link doctor} found of all parts. */
export interface Health {
  readonly rows: readonly DoctorRow[];
  /** Whether the embedded stack can start; rows that are optional do not count. */
  readonly healthy: boolean;
}

/** An aligned table, the advice for each part that is not ok, and the result. Ends without a line break. */
export function renderDoctor({ rows, healthy }: Health): string {
  const cells = [
    ['part', 'version', 'state', 'origin'],
    ...rows.map(({ part, version, state, origin }) => [part, version || '-', state, origin || '-']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const table = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const advice = rows.filter((row) => row.advice).map((row) => `${row.part}: ${row.advice}`);
  const result = healthy ? 'The embedded stack can start.' : 'The embedded stack cannot start.';
  return [...table.map((line) => line.trimEnd()), '', ...advice, result].join('\n');
}
