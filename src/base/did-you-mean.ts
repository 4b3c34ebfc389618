import leven from 'leven';

/** Names that are suggested at most. */
const MOST = 3;

/** The end of a message about a name that is not known, as in ` Did you mean "refused"?`; empty when none is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearNames(name, known).map((each) => `"${each}"`);
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
}

/**
 * The names that were probably meant by one that is not known, the likeliest first. Near is what begins or ends with what was typed, or
 * has at most every third of its characters wrong, four in all.
 */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const typed = name.toLowerCase();
  const near = [...new Set(known)]
    .map((candidate) => ({ candidate, distance: distanceOf(typed, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.min(4, Math.max(1, typed.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return (
    near
      // Where one is that near, the others are not meant.
      .filter(({ distance }) => distance <= (near[0]?.distance ?? 0) + 1)
      .slice(0, MOST)
      .map(({ candidate }) => candidate)
  );
}

function distanceOf(typed: string, known: string): number {
  const isPart = typed.length >= 4 && (known.startsWith(typed) || known.endsWith(typed));
  return isPart ? 1 : leven(typed, known);
}
