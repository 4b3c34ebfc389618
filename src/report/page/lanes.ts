import { cut } from '../format.ts';
import { type Markup, markup } from '../markup.ts';
import { joined } from './table.ts';
import type { TimeAxis } from './timeline-data.ts';

/**
 * Bars and marks above the chart, on its time axis, drawn as SVG. Positions are percentages, so that it follows
 * the chart's width without a script; inside a mark, lengths are pixels.
 */
export interface LaneItem {
  readonly label: string;
  /** The whole story of the item, for its tool tip. */
  readonly title: string;
  /** One bar from each `from` to its `to`, milliseconds since the epoch; none for a mark. */
  readonly bars: readonly { readonly from: number; readonly to: number; readonly look: BarLook }[];
  /** Where a mark stands, or a bar begins. */
  readonly at: number;
}

/** A class of the style sheet. */
export type BarLook = 'phase' | 'pending' | 'felt' | 'healing' | 'unfelt' | 'step';

const HEIGHT = 22;
/** The narrowest that a plot gets (its box scrolls below this), and the widest that a character of a label is. */
const PLOT_PIXELS = 620;
const CHARACTER_PIXELS = 6.8;
const MOST_LANES = 6;
const LONGEST_LABEL = 56;

/** Rows of items under one name, as few as keep labels from covering each other; empty without items. */
export function lanes(
  name: string,
  items: readonly LaneItem[],
  axis: TimeAxis,
  labels: 'inside' | 'beside',
): Markup {
  if (items.length === 0) return markup``;
  const placed =
    labels === 'inside' ? items.map((item) => inside(item, axis)) : items.map((item) => beside(item, axis));
  const rows: Placed[][] = [];
  const left: string[] = [];
  for (const item of placed) {
    const row = rows.find((taken) =>
      taken.every((other) => item.right + 6 < other.left || other.right + 6 < item.left),
    );
    if (row && labels === 'beside') row.push(item);
    else if (rows.length > 0 && labels === 'inside') rows[0]?.push(item);
    else if (rows.length < MOST_LANES) rows.push([item]);
    else left.push(item.title);
  }
  const height = rows.length * HEIGHT;
  const more = left.length > 0 ? markup`<span class="more">+${left.length}, see the table</span>` : markup``;
  return markup`<div class="lane"><span class="lane-name">${name}${more}</span><svg class="lane-plot" height="${height}" role="img" aria-label="${name}: ${cut(placed.map((item) => item.title).join('; '), 1000)}">
${joined(rows.flatMap((row, index) => row.map((item) => draw(item, index * HEIGHT))))}
</svg></div>
`;
}

/** An item with the pixels that it and its label take up on the narrowest plot. */
interface Placed {
  readonly label: string;
  readonly title: string;
  readonly left: number;
  readonly right: number;
  readonly anchor: { readonly percent: number; readonly dx: number; readonly end: boolean };
  readonly bars: readonly { readonly x: number; readonly width: number; readonly look: BarLook }[];
  readonly mark?: number;
}

function inside(item: LaneItem, axis: TimeAxis): Placed {
  const { x, end, bars } = extent(item, axis);
  const fits = labelPixels(item.label) + 10 <= ((end - x) / 100) * PLOT_PIXELS;
  return {
    label: fits ? item.label : '',
    title: item.title,
    left: pixels(x),
    right: pixels(end),
    anchor: { percent: x, dx: 6, end: false },
    bars,
  };
}

function beside(item: LaneItem, axis: TimeAxis): Placed {
  const { x, end, bars } = extent(item, axis);
  const label = cut(item.label, LONGEST_LABEL);
  const width = labelPixels(label) + 10;
  const common = { label, title: item.title, bars, ...(bars.length === 0 ? { mark: x } : {}) };
  const onTheRight = pixels(end) + width <= PLOT_PIXELS || pixels(x) < width;
  return onTheRight
    ? {
        ...common,
        left: pixels(x) - 6,
        right: pixels(end) + width,
        anchor: { percent: end, dx: 9, end: false },
      }
    : {
        ...common,
        left: pixels(x) - width,
        right: pixels(end) + 6,
        anchor: { percent: x, dx: -9, end: true },
      };
}

function extent(item: LaneItem, axis: TimeAxis) {
  const percent = (moment: number) =>
    Math.min(100, Math.max(0, ((moment - axis.from) / (axis.to - axis.from)) * 100));
  const bars = item.bars.map(({ from, to, look }) => ({
    x: percent(from),
    width: Math.max(0.15, percent(to) - percent(from)),
    look,
  }));
  const x = percent(item.at);
  return { x, end: bars.reduce((end, bar) => Math.max(end, bar.x + bar.width), x), bars };
}

function pixels(percent: number): number {
  return (percent / 100) * PLOT_PIXELS;
}

function labelPixels(label: string): number {
  return label.length * CHARACTER_PIXELS;
}

function draw(item: Placed, y: number): Markup {
  const bars = item.bars.map(
    (bar) =>
      markup`<rect class="bar ${bar.look}" x="${bar.x.toFixed(2)}%" width="${bar.width.toFixed(2)}%" y="${y + 3}" height="${HEIGHT - 6}"/>`,
  );
  const mark =
    item.mark === undefined
      ? markup``
      : markup`<svg class="mark" x="${item.mark.toFixed(2)}%" y="${y}"><path d="M0 5l6 6l-6 6l-6-6z"/></svg>`;
  const { percent, dx, end } = item.anchor;
  const text =
    item.label === ''
      ? markup``
      : markup`<svg class="label" x="${percent.toFixed(2)}%" y="${y}"><text x="${dx}" y="15"${end && markup` class="end"`}>${item.label}</text></svg>`;
  return markup`<g><title>${cut(item.title, 300)}</title>${bars}${mark}${text}</g>`;
}
