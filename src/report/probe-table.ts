import { type FaultRecord, JOBS_PROBE, type ProbeRecord, type RunRecord } from '../history/run-record.ts';
import { formatDuration } from './format.ts';

/** The probes under faults as a table: a row for each fault, a column for each endpoint. Web and worker have one each. */
export interface ProbeTable {
  readonly endpoints: readonly string[];
  readonly groups: readonly ProbeGroup[];
  /** Texts of answers that were not as usual, in the order of their first cell; a cell refers to one by its place. */
  readonly answers: readonly string[];
}

/** The rows of one link, as they followed one another. */
export interface ProbeGroup {
  /** The link that the faults were on. */
  readonly on: string;
  readonly rows: readonly ProbeRow[];
}

/** One fault. */
export interface ProbeRow {
  readonly label: string;
  readonly fault: FaultRecord;
  /** One for each endpoint of the table. */
  readonly cells: readonly (ProbeCell | undefined)[];
}

/** How one endpoint answered under one fault. */
export interface ProbeCell {
  readonly probe: ProbeRecord;
  /** The status, or in a word what happened. */
  readonly word: string;
  /** `usual` is what an endpoint does without a fault. */
  readonly tone: 'usual' | 'warn' | 'bad';
  /** What else is not as usual: where its events are, when it was well again, how long it took. */
  readonly notes: readonly string[];
  /** Place of its text among the table's answers. */
  readonly answer?: number;
}

/** An answer that takes longer is not as usual. */
const LONG_MS = 500;

/** The tables of a run: none when it has no probe under a fault. */
export function probeTables({ probes, faults }: Pick<RunRecord, 'probes' | 'faults'>): ProbeTable[] {
  const ofProcess = Map.groupBy(
    probes.filter(({ under }) => under !== undefined && faults[under] !== undefined),
    ({ under }) => (faults[under as number] as FaultRecord).on.split('→')[0],
  );
  return [...ofProcess.values()].map((own) => tableOf(own, faults));
}

function tableOf(probes: readonly ProbeRecord[], faults: readonly FaultRecord[]): ProbeTable {
  const endpoints = [...new Set(probes.map(({ endpoint }) => endpoint))];
  const answers: string[] = [];
  const groups: { on: string; rows: ProbeRow[] }[] = [];
  for (const [under, ofFault] of Map.groupBy(probes, (probe) => probe.under as number)) {
    const fault = faults[under] as FaultRecord;
    const cells = endpoints.map((name) => {
      const probe = ofFault.find(({ endpoint }) => endpoint === name);
      return probe && cellOf(probe, answers);
    });
    const row = { label: ofFault[0]?.label ?? '', fault, cells };
    const group = groups.at(-1);
    if (group?.on === fault.on) group.rows.push(row);
    else groups.push({ on: fault.on, rows: [row] });
  }
  return { endpoints, groups, answers };
}

function cellOf(probe: ProbeRecord, answers: string[]): ProbeCell {
  const { status, body, tookMs, persisted, recovery, endpoint } = probe;
  if (endpoint === JOBS_PROBE) {
    const word = body.split(':', 1)[0] ?? body;
    return {
      probe,
      word,
      tone: word === 'went on' ? 'usual' : 'warn',
      notes: recovery ? [recoveryText(recovery, 'landed')] : [],
    };
  }
  const isWell = status !== undefined && status < 300;
  const notes: string[] = [];
  if (persisted && (!isWell || persisted.settled !== 'ClickHouse')) notes.push(fateText(persisted));
  if (recovery) notes.push(recoveryText(recovery, 'back'));
  const isLong = tookMs >= LONG_MS;
  const isMissing = isWell && persisted !== undefined && persisted.settled !== 'ClickHouse';
  const cell: ProbeCell = {
    probe,
    word: status === undefined ? 'no answer' : String(status),
    tone: isWell ? (isLong || isMissing ? 'warn' : 'usual') : 'bad',
    notes,
  };
  if (isWell) return cell;
  const known = answers.indexOf(body);
  return { ...cell, answer: known === -1 ? answers.push(body) - 1 : known };
}

const PLACES = { ClickHouse: 'in ClickHouse', S3: 'in S3 only', partly: 'in part', nothing: 'nowhere' };

function fateText({ settled, last }: NonNullable<ProbeRecord['persisted']>): string {
  if (settled === last) return PLACES[settled];
  return last === 'ClickHouse' && settled === 'S3'
    ? 'in S3 until recovery'
    : `${PLACES[settled]}, then ${PLACES[last]}`;
}

function recoveryText(recovery: NonNullable<ProbeRecord['recovery']>, word: string): string {
  return 'afterMs' in recovery
    ? `${word} after ${formatDuration(recovery.afterMs)}`
    : `not ${word} within ${formatDuration(recovery.notWithinMs)}`;
}
