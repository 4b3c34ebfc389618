import type { RunRecord } from '../history/run-record.ts';

const COLUMNS = [
  'probe',
  'fault',
  'on',
  'felt',
  'endpoint',
  'asked_in_its_place',
  'status',
  'answer',
  'took_ms',
  'persisted_by_itself',
  'persisted_in_the_end',
  'recovered_after_ms',
  'not_recovered_within_ms',
] as const;

/** Every probe of a run as CSV (RFC 4180, with a line of names), a line for each endpoint that was asked. */
export function renderProbesCsv({ probes, faults }: Pick<RunRecord, 'probes' | 'faults'>): string {
  const lines = probes.map((probe) => {
    const fault = probe.under === undefined ? undefined : faults[probe.under];
    const { recovery, persisted } = probe;
    return [
      probe.label,
      fault?.fault,
      fault?.on,
      fault?.felt,
      probe.endpoint,
      probe.asked,
      probe.status,
      probe.body,
      probe.tookMs,
      persisted?.settled,
      persisted?.last,
      recovery && 'afterMs' in recovery ? recovery.afterMs : undefined,
      recovery && 'notWithinMs' in recovery ? recovery.notWithinMs : undefined,
    ];
  });
  return [COLUMNS, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

/** What a spreadsheet would take for a formula is kept from it by an apostrophe. */
function cell(value: string | number | undefined): string {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
