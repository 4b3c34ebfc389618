/**
 * Every fault is on loan: the living harness renews the lease of all of them with one heartbeat, and when it has not done so for
 * this many seconds the watchdog undoes them. Long enough for the longest work that the harness does in one go.
 */
export const LEASE_SECONDS = 5;

/** Milliseconds between two heartbeats. */
export const RENEW_MS = 1000;

/** What the harness writes to the watchdog's standard input, a line each. */
export const BEAT = 'beat';
/** The run is over and everything was undone by the harness itself. */
export const END = 'end';
