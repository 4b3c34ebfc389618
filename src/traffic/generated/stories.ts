import type { Random } from '../../base/random.ts';
import type { GeneratedTraffic } from '../../scenario/scenario.ts';
import { VIRTUAL_START } from '../request.ts';

/** Traces that are told at the same time, so that what is sent of them mixes and one entity's events fall into several requests. */
const OPEN_STORIES = 8;

/** Tells what is sent of one trace, in its order. */
export interface Stories<Item> {
  /**
   * @param number how many stories came before
   * @param startedAt virtual time, in milliseconds since the epoch
   */
  tell(number: number, startedAt: number): Item[];
  /** A story of one item. */
  tellShort(number: number, startedAt: number): Item[];
}

/** Exactly `total` items of stories that are told at the same time; one is begun only if it can be told to its end. */
export function* mixStories<Item>(
  random: Random,
  { rate, startsAt }: Pick<GeneratedTraffic, 'rate' | 'startsAt'>,
  total: number,
  stories: Stories<Item>,
): Generator<Item> {
  const start = startsAt === undefined ? VIRTUAL_START : Date.parse(startsAt);
  const open: Item[][] = [];
  let begun = 0;
  let planned = 0;
  for (let sent = 0; sent < total; ) {
    while (open.length < OPEN_STORIES && planned < total) {
      const startedAt = start + Math.floor((sent / rate) * 1000);
      const story = stories.tell(begun, startedAt);
      const fits = story.length <= total - planned;
      const told = fits ? story : stories.tellShort(begun, startedAt);
      open.push(told.reverse());
      begun += 1;
      planned += told.length;
    }
    const index = random.int(0, open.length - 1);
    const story = open[index] as Item[];
    for (let run = random.int(1, 4); run > 0 && story.length > 0; run -= 1) {
      yield story.pop() as Item;
      sent += 1;
    }
    if (story.length === 0) open.splice(index, 1);
  }
}
