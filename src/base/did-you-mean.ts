import leven from 'leven';

/** Names that are suggested at most. */
const MOST = 3;

/**
 * The end of a message about a name that is not known: those that were probably meant, the likeliest first, as in ` Did you mean "refused"?`. Empty when none is near. Near is what begins or ends with what was typed, or has at most every third of
 * its characters wrong, four in all.
 */
export function didYouMean(name: string, known: Iterable<string>): string {
  const typed = name.toLowerCase();
  const near = [...new Set(known)]
    .map((candidate) => ({ candidate, distance: distanceOf(typed, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.min(4, Math.max(1, typed.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  const meant = near
    // Where one is that near, the others are not meant.
    .filter(({ distance }) => distance <= (near[0]?.distance ?? 0) + 1)
    .slice(0, MOST)
    .map(({ candidate }) => `"${candidate}"`);
  return meant.length === 0 ? '' : ` Did you mean ${meant.join(' or ')}?`;
}

function distanceOf(typed: string, known: string): number {
  const isPart = typed.length >= 4 && (known.startsWith(typed) || known.endsWith(typed));
  return isPart ? 1 : leven(typed, known);
}
