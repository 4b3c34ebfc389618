/** Two signals of a kind within this time are one: a person does not mean a second Ctrl-C so soon. */
const SAME_MS = 500;
const SIGNALS = new Set(['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Lets the process' listeners see each signal once. One Ctrl-C arrives several times: the terminal sends it to every
 * process in the foreground, npm passes its own copy on to the script that it runs, and our parent does too. A second
 * one would be taken for the wish to end without cleaning up.
 */
export function passEachSignalOnce() {
  const last = new Map();
  const emit = process.emit;
  process.emit = function (name, ...args) {
    if (SIGNALS.has(name)) {
      const now = performance.now();
      const before = last.get(name);
      last.set(name, now);
      if (before !== undefined && now - before < SAME_MS) return true;
    }
    return emit.call(this, name, ...args);
  };
}
