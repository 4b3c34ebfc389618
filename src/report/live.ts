import type { Clock } from '../base/clock.ts';
import type { FaultRecord, PhaseRecord, Sample } from '../history/run-record.ts';
import { plainView } from './live-plain.ts';
import { terminalView } from './live-terminal.ts';

/**
 * What a run says while it goes on. Every call returns at once; how often anything is written is up to the view.
 */
export interface LiveView {
  /** A phase begins, and the one before is over. */
  phase(name: PhaseRecord['name']): void;
  /** The figures of one more second. */
  sample(sample: Sample): void;
  /** A fault got one step further; called with the same record at each of its steps. */
  fault(fault: FaultRecord): void;
  /** A line that stays. */
  note(text: string): void;
  /** What the user has to do something about: shown whole with all of its lines, also by the view of a run that nobody watches. */
  warn(text: string): void;
  /** Ends the view and leaves the terminal as it was; further calls do nothing. */
  done(): void;
}

/** The part of a `tty.WriteStream` that a view needs. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width and height of the terminal. */
  readonly columns?: number;
  readonly rows?: number;
}

/** What {@link createLiveView} is made from. */
export interface LiveOptions {
  readonly output: Output;
  readonly clock: Clock;
  /** Named in the view's corner, for example `clickhouse-blip · seed 42`. */
  readonly title: string;
  readonly color: boolean;
}

/**
 * A few lines that are kept up to date where a person looks at a terminal; plain lines, now and then, where the
 * output goes to a file or a CI log.
 *
 * @param env the environment: `CI` and `TERM=dumb` mean that nobody can see lines change
 */
export function createLiveView(
  options: LiveOptions,
  env: Readonly<Record<string, string | undefined>>,
): LiveView {
  const changesAreSeen = options.output.isTTY === true && !env.CI && env.TERM !== 'dumb';
  return changesAreSeen ? terminalView({ ...options, output: sized(options.output) }) : plainView(options);
}

/** The output with the usual size where its terminal says that it has none, as some that were never told of their window do. */
function sized(output: Output): Output {
  return {
    write: (text) => output.write(text),
    isTTY: output.isTTY === true,
    get columns() {
      return output.columns || 80;
    },
    get rows() {
      return output.rows || 24;
    },
  };
}
