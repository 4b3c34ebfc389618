/**
 * One run at a time for each key. Who comes while one is under way shares the next: of many jobs for one entity that
 * come together, all are done by two runs, and no run works on files that a later one has already merged.
 */
export class Turns<Result> {
  readonly #running = new Map<string, Promise<Result>>();
  readonly #next = new Map<string, Promise<Result>>();

  /** @throws what the run that it shared throws */
  take(key: string, run: () => Promise<Result>): Promise<Result> {
    const next = this.#next.get(key);
    if (next) return next;
    const running = this.#running.get(key);
    if (!running) return this.#start(key, run);
    const shared = this.#after(key, running, run);
    this.#next.set(key, shared);
    return shared;
  }

  async #after(key: string, running: Promise<Result>, run: () => Promise<Result>): Promise<Result> {
    await running.catch(() => {});
    this.#next.delete(key);
    return this.#start(key, run);
  }

  #start(key: string, run: () => Promise<Result>): Promise<Result> {
    const started = run().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }
}
