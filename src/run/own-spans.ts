import type { EntityKey } from '../langfuse/events.ts';
import type { RawEvents } from '../langfuse/storage.ts';

/** Objects of spans that are read at once. */
const SLICE = 100;

/**
 * Tells objects of spans that hold something a run has sent from those of others: their names don't, so each is read once. What is in an
 * object never changes, and a run notes what it sends before it does. One that is gone, or holds no spans, is nobody's.
 */
export class OwnSpans {
  readonly #rawEvents: Pick<RawEvents, 'readSpans'>;
  readonly #own: ReadonlySet<EntityKey>;
  /** Key of an object → whether it holds own spans. */
  readonly #known = new Map<string, boolean>();

  constructor(rawEvents: Pick<RawEvents, 'readSpans'>, own: ReadonlySet<EntityKey>) {
    this.#rawEvents = rawEvents;
    this.#own = own;
  }

  /**
   * Passes on what belongs to own objects, and what belongs to none.
   *
   * @param objectOf key of the object that an item belongs to
   * @throws ChaosError `E_S3` when S3 can't be asked
   */
  async *only<Item>(
    items: AsyncIterable<Item>,
    objectOf: (item: Item) => string | undefined,
  ): AsyncGenerator<Item> {
    let slice: Item[] = [];
    for await (const item of items) {
      slice.push(item);
      if (slice.length < SLICE) continue;
      yield* await this.#ownOf(slice, objectOf);
      slice = [];
    }
    yield* await this.#ownOf(slice, objectOf);
  }

  async #ownOf<Item>(
    items: readonly Item[],
    objectOf: (item: Item) => string | undefined,
  ): Promise<readonly Item[]> {
    const objects = new Set(items.flatMap((item) => objectOf(item) ?? []));
    const unread = [...objects].filter((object) => !this.#known.has(object));
    const contents = unread.length > 0 ? await this.#rawEvents.readSpans(unread) : [];
    for (const content of contents) {
      const isOwn = 'tracks' in content && content.tracks.some(({ entity }) => this.#own.has(entity));
      this.#known.set(content.key, isOwn);
    }
    return items.filter((item) => {
      const object = objectOf(item);
      return object === undefined || this.#known.get(object) === true;
    });
  }
}
