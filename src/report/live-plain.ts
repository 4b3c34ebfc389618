import type { FaultRecord, Sample } from '../history/run-record.ts';
import { faultName, faultState } from './describe.ts';
import { formatCount, formatOffset, printable } from './format.ts';
import type { LiveOptions, LiveView } from './live.ts';

/** Milliseconds between two lines of figures. */
const INTERVAL = 10_000;

/** One line per change, and one of figures every ten seconds, each with the time since the view began. */
export function plainView({ output, clock, title }: LiveOptions): LiveView {
  const began = clock.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  let unsaid: Sample | undefined;
  let over = false;
  const say = (text: string) => {
    if (!over) output.write(`${formatOffset(clock.now() - began).padStart(8)}  ${printable(text)}\n`);
  };
  const figures = (sample: Sample) => {
    say(figureLine(sample));
    saidAt = clock.now();
    unsaid = undefined;
  };
  say(title);
  return {
    phase(name) {
      if (unsaid) figures(unsaid);
      say(`${name} …`);
    },
    sample(sample) {
      unsaid = sample;
      if (clock.now() - saidAt >= INTERVAL) figures(sample);
    },
    fault: (fault: FaultRecord) => say(`fault ${faultName(fault)}: ${faultState(fault)}`),
    note: say,
    warn(text) {
      for (const line of text.split('\n')) say(line);
    },
    done() {
      if (unsaid) figures(unsaid);
      over = true;
    },
  };
}

function figureLine({ sent, acknowledged, landed, queue }: Sample): string {
  const events = `sent ${formatCount(sent)}, acknowledged ${formatCount(acknowledged)}, seen in ClickHouse ${formatCount(landed)}`;
  if (!queue) return `${events}; queue: no answer`;
  const { waiting, active, delayed, failed } = queue;
  return `${events}; queue: ${formatCount(waiting)} waiting, ${formatCount(active)} active, ${formatCount(delayed)} delayed, ${formatCount(failed)} failed`;
}
