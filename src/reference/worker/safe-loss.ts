import type { Redis } from 'ioredis';
import type { ClickHouse } from '../clickhouse.ts';

/** Key that is gone when Redis has lost its memory. */
const MARK = 'reference:nothing-lost-so-far';

/**
 * Looks for signs that Redis has lost jobs (a mark that is gone, another process, evicted keys) or ClickHouse rows
 * (fewer in `event_log` than there were). A sign is reported once.
 */
export class LossWatch {
  readonly #redis: Pick<Redis, 'info' | 'set'>;
  readonly #clickhouse: Pick<ClickHouse, 'query'>;
  #redisState: string | undefined;
  #rows = 0;

  constructor(redis: Pick<Redis, 'info' | 'set'>, clickhouse: Pick<ClickHouse, 'query'>) {
    this.#redis = redis;
    this.#clickhouse = clickhouse;
  }

  /** What Redis may have lost since the last look; undefined if nothing. The first look counts as a loss: who knows what was. */
  async lookAtRedis(): Promise<string | undefined> {
    const info = await this.#redis.info();
    const state = ['run_id', 'evicted_keys'].map((name) => fieldOf(info, name)).join(' ');
    const mark = await this.#redis.set(MARK, '1', 'GET');
    const before = this.#redisState;
    this.#redisState = state;
    if (mark === null) return 'Redis has lost its memory';
    return before === state ? undefined : 'Redis is another process, or has evicted keys';
  }

  /** Whether ClickHouse has fewer rows than at the last look. @throws Error while it can't be asked */
  async lookAtClickHouse(): Promise<string | undefined> {
    const [answer] = await this.#clickhouse.query<{ rows: string }>('SELECT count() AS rows FROM event_log');
    const rows = Number(answer?.rows ?? 0);
    const before = this.#rows;
    this.#rows = rows;
    return rows < before ? 'ClickHouse has lost rows' : undefined;
  }
}

function fieldOf(info: string, name: string): string {
  return new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
}
