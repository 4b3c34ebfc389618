/** How often a long step says that it is still at work where there is no terminal. */
const PLAIN_INTERVAL_MS = 10_000;
/** How often the line on a terminal is drawn again. */
const TERMINAL_INTERVAL_MS = 200;

/**
 * Shows what set-up does: one living line for each step on a terminal, plain lines elsewhere. It writes to the error
 * output, since the standard output belongs to the command that follows.
 *
 * @param {NodeJS.WriteStream | { write(text: string): unknown, isTTY?: boolean, columns?: number }} stream
 */
export function createProgress(stream = process.stderr) {
  const write = (text) => stream.write(text);
  return {
    /** One line that needs no ending. */
    note: (text) => write(`${text}\n`),
    /** Starts a step; end it with `done` or `failed`. */
    step(title) {
      const start = performance.now();
      const seconds = () => Math.round((performance.now() - start) / 1000);
      let detail = '';
      const describe = () => `set-up: ${title}${detail ? `, ${detail}` : ''}, ${seconds()} s`;
      if (!stream.isTTY) write(`set-up: ${title} …\n`);
      const draw = () =>
        stream.isTTY
          ? write(`\r\x1b[K${describe().slice(0, (stream.columns || 80) - 1)}`)
          : write(`${describe()}\n`);
      const timer = setInterval(draw, stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS);
      const end = (text) => {
        clearInterval(timer);
        write(`${stream.isTTY ? '\r\x1b[K' : ''}set-up: ${title}: ${text}\n`);
      };
      return {
        /** What the step is at; shown at the next look. */
        update: (text) => {
          detail = text;
        },
        /** Draws no more, so that somebody else can use the terminal (a question for a password). */
        hold: (text) => {
          clearInterval(timer);
          write(`${stream.isTTY ? '\r\x1b[K' : ''}set-up: ${title}: ${text}\n`);
        },
        done: (text = 'done') => end(`${text} (${seconds()} s)`),
        failed: (why) => end(why),
      };
    },
  };
}
