import type { FaultRecord, ProbeRecord } from '../../history/run-record.ts';
import { cut, formatDuration, formatOffset } from '../format.ts';
import type { JudgedRun } from '../judged-run.ts';
import { type Markup, markup } from '../markup.ts';
import { type ProbeCell, type ProbeGroup, type ProbeTable, probeTables } from '../probe-table.ts';
import { joined, leftOut, ORDINARY, rowsWithin, scrolling } from './table.ts';
import { timeAxis } from './timeline-data.ts';

/** How the target's endpoints answered: a table of those under faults, then the others, by moment. */
export function probes(judged: JudgedRun): Markup | undefined {
  if (judged.run.probes.length === 0) return undefined;
  const tables = probeTables(judged.run).map(underFaults);
  const single = judged.run.probes.filter(({ under }) => under === undefined);
  return joined([...tables, ...(single.length > 0 ? [moments(judged, single)] : [])]);
}

/** UTF-8 bytes of HTML that the rows of one table may take. */
const SHARE = { rows: 200, bytes: 120_000 };

function underFaults({ endpoints, groups, answers }: ProbeTable): Markup {
  const columns = endpoints.length + 1;
  const heads = endpoints.map((name) => {
    const [method = '', path = ''] = name.split(/ (?=\/)/);
    return markup`<th scope="col">${method}<small class="below">${path.replace('/api/public', '').replace('/api/', '/')}</small></th>`;
  });
  const flat = groups.flatMap((group) => group.rows.map((row) => ({ group, row })));
  const { rows, left } = rowsWithin(flat, SHARE, ({ row }) => {
    const cells = row.cells.map((cell) => (cell ? cellOf(cell) : markup`<td></td>`));
    return markup`<tr><th scope="row">${cut(row.label, 120)}<small class="below">${cut(whatItDid(row.fault), 160)}</small></th>${cells}</tr>`;
  });
  const bodies = [...Map.groupBy(rows.keys(), (index) => flat[index]?.group)].map(
    ([
      group,
      indices,
    ]) => markup`<tbody><tr class="group"><th scope="rowgroup" colspan="${columns}">${(group as ProbeGroup).on}</th></tr>
${joined(indices.map((index) => rows[index] ?? markup``))}
</tbody>`,
  );
  const texts = rowsWithin(answers, ORDINARY, (answer) => markup`<li><code>${cut(answer, 400)}</code></li>`);
  return markup`${scrolling(
    'Probes under faults',
    markup`<table class="data probes"><thead><tr><th scope="col">While it was on</th>${heads}</tr></thead>
${joined(bodies)}
</table>`,
  )}${leftOut(left, 'probes.csv')}
<p class="note">Each cell: status and time to answer; where the request's events are, where that is not ClickHouse; and when the endpoint was well again, counted from the undoing of the fault. What is as without a fault is grey. The letters stand for the answers:</p>
<ol class="answers" type="a">
${joined(texts.rows)}
</ol>${leftOut(texts.left, 'probes.csv')}`;
}

/** The fault, and what was observed of it; the process and the name that it asked for stand above already. */
function whatItDid({ fault, felt = 'not felt' }: FaultRecord): string {
  return `${fault}: ${felt.replace(/^the \w+ asked for \S+ and /, '')}`;
}

function cellOf({ probe, word, tone, notes, answer }: ProbeCell): Markup {
  const letter = answer === undefined ? '' : markup`<sup>${letterOf(answer)}</sup>`;
  const below = notes.map((note) => markup`<small class="below">${note}</small>`);
  return markup`<td class="${tone}">${word}${letter} <small>${formatDuration(probe.tookMs)}</small>${below}</td>`;
}

/** As a browser numbers a list of type `a`: a … z, aa, ab … */
function letterOf(place: number): string {
  const last = String.fromCharCode(97 + (place % 26));
  return place < 26 ? last : letterOf(Math.floor(place / 26) - 1) + last;
}

function moments(judged: JudgedRun, single: readonly ProbeRecord[]): Markup {
  const { zero } = timeAxis(judged);
  const shown = rowsWithin(single, { rows: 200, bytes: 92_000 }, probeRow);
  const byMoment = Map.groupBy(shown.rows.keys(), (index) => single[index]?.label ?? '');
  const bodies = [...byMoment].map(([name, indices]) => {
    const at = single[indices[0] ?? 0]?.at ?? zero;
    return markup`<tbody><tr class="group"><th scope="rowgroup" colspan="4">${cut(name, 200)} <small>${formatOffset(at - zero)}</small></th></tr>
${joined(indices.map((index) => shown.rows[index] ?? markup``))}
</tbody>`;
  });
  return markup`${scrolling(
    'Probes',
    markup`<table class="data"><thead><tr><th scope="col">Endpoint</th><th scope="col">Status</th><th scope="col" class="number">Took</th><th scope="col">Answer</th></tr></thead>
${joined(bodies)}
</table>`,
  )}${leftOut(shown.left, 'probes.csv')}`;
}

function probeRow(probe: ProbeRecord): Markup {
  const tone =
    probe.status === undefined || probe.status >= 500 ? 'bad' : probe.status >= 400 ? 'warn' : 'good';
  return markup`<tr><th scope="row" class="short"><code>${cut(probe.endpoint, 200)}</code>${probe.asked === undefined ? '' : markup` by <code>${cut(probe.asked, 200)}</code>`}</th><td class="short ${tone}">${probe.status ?? 'no answer'}</td><td class="number">${formatDuration(probe.tookMs)}</td><td><code class="body">${cut(probe.body, 400)}</code></td></tr>`;
}
