'use strict';
/*
 * Lets the clock of a Node process be set while it runs: loaded by `NODE_OPTIONS=--require`, it looks ten times a second for
 * `clock-wanted.json` in the folder LANGFUSE_CHAOS_NOTES, `{"offsetMs":N}`, and shifts what the program reads from Date by that
 * much. What it has done it says in `clock-applied.json`. Timers and performance.now go on as before, as they do when a real
 * machine's clock is set. Until a first file is there, nothing of the program is touched.
 */
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { isMainThread } = require('node:worker_threads');

const LOOK_INTERVAL_MS = 100;

const RealDate = Date;
const realNow = Date.now;

const folder = process.env.LANGFUSE_CHAOS_NOTES;
if (folder && isMainThread) {
  const clock = { offsetMs: 0, reads: 0, isReplaced: false };
  look(folder, clock);
  setInterval(look, LOOK_INTERVAL_MS, folder, clock).unref();
}

function look(folder, clock) {
  const wanted = wantedIn(folder);
  if (wanted === clock.offsetMs && wanted === 0) return;
  if (wanted !== clock.offsetMs) {
    if (!clock.isReplaced) replaceDate(clock);
    clock.offsetMs = wanted;
    clock.reads = 0;
  }
  say(join(folder, 'clock-applied.json'), clock);
}

/** No offset when there is no file; it is replaced in one step, so never half written. */
function wantedIn(folder) {
  try {
    return Number(JSON.parse(readFileSync(join(folder, 'clock-wanted.json'), 'utf8')).offsetMs) || 0;
  } catch {
    return 0;
  }
}

function say(file, { offsetMs, reads }) {
  try {
    writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, offsetMs, reads }));
    renameSync(`${file}.new`, file);
  } catch {} // the stack is being removed
}

/**
 * The same class to all who ask (`instanceof`, its prototype, a class that extends it), but for the present time. Who took the class
 * itself into a variable, or extended it, before the clock was first set still makes new dates by the right one.
 */
function replaceDate(clock) {
  clock.isReplaced = true;
  const now = () => {
    clock.reads += 1;
    return realNow() + clock.offsetMs;
  };
  // For those who hold the class since before.
  RealDate.now = now;
  const Shifted = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(
        target,
        args.length === 0 ? [now()] : args,
        newTarget === Shifted ? target : newTarget,
      ),
  });
  RealDate.prototype.constructor = Shifted;
  globalThis.Date = Shifted;
}
