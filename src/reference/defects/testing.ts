import type { Defect } from '../defects.ts';
import type { Logger } from '../log.ts';
import { Plant } from './plant.ts';

/** A planted defect whose log is kept, for tests. */
export function testPlant(defect: Defect) {
  const entries: { planted?: { entity: string; events?: string[] }; madeGood?: { entity: string } }[] = [];
  const log = { warn: (entry: (typeof entries)[number]) => entries.push(entry) } as unknown as Logger;
  return {
    plant: new Plant(defect, log),
    /** The entities that are hit at the moment. */
    hits: (): string[] => {
      const hit = new Set<string>();
      for (const { planted, madeGood } of entries) {
        if (planted) hit.add(planted.entity);
        if (madeGood) hit.delete(madeGood.entity);
      }
      return [...hit];
    },
    /** The ids of all events that were said to be hit. */
    events: (): string[] => entries.flatMap(({ planted }) => planted?.events ?? []),
  };
}
