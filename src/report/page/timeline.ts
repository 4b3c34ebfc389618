import type { ReplacementRecord, RunRecord } from '../../history/run-record.ts';
import { faultName, faultState, oddTrafficAnswer, replacementText } from '../describe.ts';
import { cut, formatCount, formatDuration, formatOffset, formatRate } from '../format.ts';
import type { JudgedRun } from '../judged-run.ts';
import { Markup, markup } from '../markup.ts';
import { CHECKPOINT_WORDS } from '../words.ts';
import { type BarLook, type LaneItem, lanes } from './lanes.ts';
import { joined, scrolling } from './table.ts';
import { type TimeAxis, type TimelinePoint, timeAxis, timelinePoints } from './timeline-data.ts';

/** Points of the chart, and rows of the table that holds the same figures. */
const POINTS = 900;
const ROWS = 90;
/** Replacements that are drawn. */
const REPLACED = 8;
/** Fault windows shaded in the chart. */
const WINDOWS = 100;

/** The timeline: lanes of phases, checkpoints, recovery, faults, replacements and odd traffic, three charts below, and their figures. */
export function timeline(judged: JudgedRun): Markup {
  const axis = timeAxis(judged);
  const { run, verdict } = judged;
  const points = timelinePoints(run.samples, POINTS);
  const phases = run.phases
    .filter((phase) => (phase.endedAt ?? axis.to) > axis.from)
    .map((phase) => phaseItem(phase, axis));
  return markup`<div class="scroll" role="region" aria-label="Timeline" tabindex="0"><div class="timeline">
${lanes('Phases', phases, axis, 'inside')}
${lanes(
  'Checkpoints',
  verdict.checkpoints.map((checkpoint) => ({
    label: CHECKPOINT_WORDS[checkpoint.name],
    title: `${CHECKPOINT_WORDS[checkpoint.name]} at ${formatOffset(checkpoint.at - axis.zero)}`,
    at: checkpoint.at,
    bars: [],
  })),
  axis,
  'beside',
)}
${lanes('Recovery', run.recovery.map(recoveryItem), axis, 'beside')}
${lanes('Faults', faultItems(run.faults, axis), axis, 'beside')}
${lanes(
  'Replaced',
  (run.replacements ?? []).slice(0, REPLACED).map((one) => replacedItem(one, run)),
  axis,
  'beside',
)}
${lanes('Odd traffic', (run.oddTraffic ?? []).map(oddItem), axis, 'beside')}
${points.length > 0 ? charts(judged, axis, points) : markup`<p class="nothing">No samples were taken.</p>`}
</div></div>
${run.faults.length > 0 ? FAULT_KEY : markup``}
<div class="timeline-notes"><p class="note">Time is minutes and seconds since the traffic began. Seen in ClickHouse is what a look once a second found; what has landed is counted at the checkpoints.</p>
${phases.length > 0 ? phaseKey(phases) : markup``}
${points.length > 0 ? figures(timelinePoints(run.samples, ROWS), axis) : markup``}</div>`;
}

const FAULT_KEY = markup`<p class="key"><span><svg class="swatch" width="24" height="12"><rect class="bar pending" width="24" height="12"/></svg>fault injected</span><span><svg class="swatch" width="24" height="12"><rect class="bar felt" width="24" height="12"/></svg>felt</span><span><svg class="swatch" width="24" height="12"><rect class="bar healing" width="24" height="12"/></svg>undone, not yet healed</span><span><svg class="swatch" width="24" height="12"><rect class="bar unfelt" width="24" height="12"/></svg>never felt</span></p>`;

/** A short phase has no room for its name in its bar. */
function phaseKey(phases: readonly LaneItem[]): Markup {
  return markup`<p class="note">Phases in their order: ${cut(phases.map(({ title }) => title).join('; '), 800)}.</p>`;
}

function phaseItem(phase: JudgedRun['run']['phases'][number], axis: TimeAxis): LaneItem {
  const to = phase.endedAt ?? axis.to;
  return {
    label: phase.name,
    title: `${phase.name}, ${formatDuration(to - phase.startedAt)}`,
    at: phase.startedAt,
    bars: [{ from: phase.startedAt, to, look: 'phase' }],
  };
}

function replacedItem(one: ReplacementRecord, run: RunRecord): LaneItem {
  return {
    label: `${one.process} by ${cut(one.target, 40)}`,
    title: cut(replacementText(one, run), 80),
    at: one.at,
    bars: [{ from: one.at, to: one.answeredAt, look: 'step' }],
  };
}

function recoveryItem(step: JudgedRun['run']['recovery'][number]): LaneItem {
  const label = `${step.step}: ${formatCount(step.done)}`;
  return {
    label,
    title: `${label} in ${formatDuration(step.endedAt - step.startedAt)}`,
    at: step.startedAt,
    bars: [{ from: step.startedAt, to: step.endedAt, look: 'step' }],
  };
}

function oddItem(sent: NonNullable<JudgedRun['run']['oddTraffic']>[number]): LaneItem {
  return { label: sent.name, title: `${sent.name}: ${oddTrafficAnswer(sent)}`, at: sent.at, bars: [] };
}

/** One item for all windows of the same fault on the same target: a fault that comes and goes takes one lane. */
function faultItems(faults: JudgedRun['run']['faults'], axis: TimeAxis): LaneItem[] {
  const groups = Map.groupBy(faults, (fault) => faultName(fault));
  return [...groups].map(([name, windows]) => {
    const unfelt = windows.filter((fault) => fault.feltAt === undefined).length;
    const times = windows.length > 1 ? ` ×${formatCount(windows.length)}` : '';
    const never =
      unfelt === 0 ? '' : windows.length === 1 ? ': never felt' : `: ${formatCount(unfelt)} never felt`;
    return {
      label: `${name}${times}${never}`,
      title: windows.map((fault) => `${name}: ${faultState(fault)}`).join('; '),
      at: Math.min(...windows.map((fault) => fault.injectedAt)),
      bars: windows.slice(0, WINDOWS).flatMap((fault) => faultBars(fault, axis)),
    };
  });
}

function faultBars(fault: JudgedRun['run']['faults'][number], axis: TimeAxis): LaneItem['bars'] {
  const recovered = fault.recoveredAt ?? axis.to;
  const bar = (from: number, to: number, look: BarLook) => (to > from ? [{ from, to, look }] : []);
  if (fault.feltAt === undefined) return bar(fault.injectedAt, recovered, 'unfelt');
  return [
    ...bar(fault.injectedAt, fault.feltAt, 'pending'),
    ...bar(fault.feltAt, recovered, 'felt'),
    ...bar(recovered, fault.healedAt ?? axis.to, 'healing'),
  ];
}

/** Three empty charts and the data from which the page's script draws them. */
function charts({ run, verdict }: JudgedRun, axis: TimeAxis, points: readonly TimelinePoint[]): Markup {
  const seconds = (moment: number) => Math.round((moment - axis.zero) / 100) / 10;
  const tenth = (value: number | undefined) => (value === undefined ? null : Math.round(value * 10) / 10);
  const data = {
    from: seconds(axis.from),
    to: seconds(axis.to),
    at: points.map((point) => seconds(point.at)),
    sent: points.map((point) => tenth(point.rates?.sent)),
    acknowledged: points.map((point) => tenth(point.rates?.acknowledged)),
    landed: points.map((point) => tenth(point.rates?.landed)),
    waiting: points.map((point) => point.queue?.waiting ?? null),
    active: points.map((point) => point.queue?.active ?? null),
    delayed: points.map((point) => point.queue?.delayed ?? null),
    failed: points.map((point) => point.queue?.failed ?? null),
    faults: run.faults.slice(0, WINDOWS).map((fault) => ({
      from: seconds(fault.injectedAt),
      felt: fault.feltAt === undefined ? null : seconds(fault.feltAt),
      to: seconds(fault.recoveredAt ?? axis.to),
      healed: seconds(fault.healedAt ?? axis.to),
    })),
    checkpoints: verdict.checkpoints.map((checkpoint) => seconds(checkpoint.at)),
  };
  return markup`<div class="chart" id="chart-rates" role="img" aria-label="Events per second: sent, acknowledged and first seen in ClickHouse. The figures are in the table below."></div>
<div class="chart" id="chart-queue" role="img" aria-label="Jobs of the ingestion queue: waiting, active and delayed. The figures are in the table below."></div>
<div class="chart" id="chart-failed" role="img" aria-label="Jobs in the failed set. The figures are in the table below."></div>
<noscript><p class="nothing">The charts are drawn by a script, which is off here. The table below has their figures.</p></noscript>
<script type="application/json" id="timeline-data">${new Markup(JSON.stringify(data).replace(/</g, '\\u003c'))}</script>`;
}

function figures(points: readonly TimelinePoint[], axis: TimeAxis): Markup {
  const cells = (values: readonly (number | undefined)[], write: (value: number) => string) =>
    values.map((value) => markup`<td>${value === undefined ? '–' : write(value)}</td>`);
  const rows = points.map(
    ({ at, rates, queue }) =>
      markup`<tr><th scope="row">${formatOffset(at - axis.zero)}</th>${cells([rates?.sent, rates?.acknowledged, rates?.landed], formatRate)}${cells([queue?.waiting, queue?.active, queue?.delayed, queue?.failed], formatCount)}</tr>`,
  );
  return markup`<details><summary>The figures behind the timeline</summary>
${scrolling(
  'Figures behind the timeline',
  markup`<table class="data numbers"><thead><tr><th scope="col" rowspan="2">time</th><th scope="colgroup" colspan="3">events per second</th><th scope="colgroup" colspan="4">jobs</th></tr><tr>${['sent', 'acknowledged', 'seen in ClickHouse', 'waiting', 'active', 'delayed', 'failed'].map((name) => markup`<th scope="col">${cut(name, 20)}</th>`)}</tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
)}</details>`;
}
