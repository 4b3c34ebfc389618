import { styleText } from 'node:util';
import cliTruncate from 'cli-truncate';
import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import type { FaultRecord, PhaseRecord, Sample } from '../history/run-record.ts';
import { faultName, faultState } from './describe.ts';
import { cut, formatCount, formatDuration, formatOffset, formatRate, printable } from './format.ts';
import type { LiveOptions, LiveView } from './live.ts';

/** Milliseconds: two frames are never closer than the first, and the clock of a phase moves every second. */
const CLOSEST = 100;
const TICK = 1000;
/** Fault lines in a frame; earlier ones are still in the report. */
const MOST_FAULTS = 3;
const NARROWEST = 20;

/**
 * A block of a few lines that is redrawn in place: phase, faults, figures, queue. Phases that are over and notes
 * are left above it.
 *
 * This is log-update rather than listr2's renderer, which draws with log-update as well: listr2 has to own the
 * tasks it shows, shows one line of output per task, and has no place for figures that belong to no task. The
 * cursor is left visible on purpose: so even a `kill -9` leaves a terminal in order.
 */
export function terminalView({ output, clock, title, color }: LiveOptions): LiveView {
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(format, text, { validateStream: false }) : text;
  const update = createLogUpdate(output as NodeJS.WritableStream, { showCursor: true });
  let phase: { name: PhaseRecord['name']; since: number } | undefined;
  let faults: readonly FaultRecord[] = [];
  let latest: Sample | undefined;
  let before: Sample | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let over = false;

  const width = () => Math.max(NARROWEST, output.columns ?? 80) - 1;
  const draw = () => {
    drawnAt = clock.now();
    const lines = phase
      ? [phaseLine(phase), ...faults.slice(-MOST_FAULTS).map(faultLine), ...figureLines()]
      : [];
    update(lines.map((line) => cliTruncate(line, width())).join('\n'));
  };
  const change = () => {
    if (!over && clock.now() - drawnAt >= CLOSEST) draw();
  };
  const leave = (line: string) => {
    update.persist(cliTruncate(line, width()));
  };
  const leavePhase = (sign: string) => {
    if (phase) leave(`${sign} ${phase.name} ${paint('dim', formatDuration(clock.now() - phase.since))}`);
  };

  const phaseLine = ({ name, since }: NonNullable<typeof phase>) => {
    const left = `${paint('cyan', '●')} ${paint('bold', name)} ${formatOffset(Math.floor((clock.now() - since) / 1000) * 1000).slice(0, -2)}`;
    const right = printable(cut(title, 60));
    const gap = width() - stringWidth(left) - stringWidth(right);
    return gap > 1 ? `${left}${' '.repeat(gap)}${paint('dim', right)}` : left;
  };
  const label = (text: string) => paint('dim', `  ${text.padEnd(8)}`);
  const faultLine = (fault: FaultRecord) => {
    const line = printable(`${faultName(fault)}: ${faultState(fault)}`);
    return `${label('fault')}${fault.healedAt === undefined ? paint('red', line) : line}`;
  };
  const figureLines = () => {
    if (!latest) return [];
    const { queue } = latest;
    const count = (name: 'sent' | 'acknowledged' | 'landed') => {
      const seconds = before && latest ? (latest.at - before.at) / 1000 : 0;
      const rate =
        before && latest && seconds > 0 ? ` (${formatRate((latest[name] - before[name]) / seconds)}/s)` : '';
      return `${name === 'landed' ? 'seen' : name} ${formatCount(latest?.[name] ?? 0)}${paint('dim', rate)}`;
    };
    const failed = queue ? `failed ${formatCount(queue.failed)}` : '';
    return [
      `${label('events')}${count('sent')} · ${count('acknowledged')} · ${count('landed')}`,
      `${label('queue')}${
        queue
          ? `waiting ${formatCount(queue.waiting)} · active ${formatCount(queue.active)} · delayed ${formatCount(queue.delayed)} · ${queue.failed > 0 ? paint('red', failed) : failed}`
          : paint('yellow', 'no answer from Redis')
      }`,
    ];
  };

  const ticking = setInterval(draw, TICK).unref();
  return {
    phase(name) {
      if (over) return;
      leavePhase(paint('green', '✓'));
      phase = { name, since: clock.now() };
      draw();
    },
    sample(sample) {
      before = latest;
      latest = sample;
      change();
    },
    fault(fault) {
      if (over) return;
      faults = [...faults.filter((known) => known !== fault), fault];
      draw();
    },
    note(text) {
      if (over) return;
      leave(`  ${printable(text)}`);
      draw();
    },
    warn(text) {
      if (over) return;
      update.persist(text.split('\n').map(printable).join('\n'));
      draw();
    },
    done() {
      if (over) return;
      leavePhase('·');
      over = true;
      clearInterval(ticking);
      update.clear();
      update.done();
    },
  };
}
