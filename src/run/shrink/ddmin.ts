/**
 * Zeller and Hildebrandt's `ddmin` ("Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002): leaves out parts
 * of a list as long as what remains still fails, from halves down to single items. The result fails, and
 * leaving out any one item of it was seen not to fail, unless the tests ran out first.
 *
 * @param items a list that was seen to fail
 * @param stillFails whether a part of the list, in its order, fails; undefined when it can't be told any more (no runs are left)
 * @param jobs how many parts are tested at a time; of several that fail the first is taken
 */
export async function ddmin<T>(
  items: readonly T[],
  stillFails: (part: readonly T[]) => Promise<boolean | undefined>,
  jobs = 1,
): Promise<readonly T[]> {
  const known = new Map<string, boolean>();
  const ask = async (part: readonly T[]) => {
    const key = part.map((item) => items.indexOf(item)).join();
    const answer = known.get(key) ?? (await stillFails(part));
    if (answer !== undefined) known.set(key, answer);
    return answer;
  };
  let rest = items;
  let pieces = 2;
  while (rest.length >= 2) {
    const parts = split(rest, pieces);
    const complements = pieces > 2 ? parts.map((part) => rest.filter((item) => !part.includes(item))) : [];
    const candidates = [...parts, ...complements];
    let smaller: readonly T[] | undefined;
    for (let next = 0; next < candidates.length && !smaller; next += jobs) {
      const some = candidates.slice(next, next + jobs);
      const answers = await Promise.all(some.map(ask));
      smaller = some[answers.indexOf(true)];
      if (!smaller && answers.includes(undefined)) return rest;
    }
    if (smaller) {
      pieces = parts.includes(smaller) ? 2 : Math.max(pieces - 1, 2);
      rest = smaller;
    } else if (pieces < rest.length) pieces = Math.min(rest.length, 2 * pieces);
    else return rest;
  }
  return rest;
}

function split<T>(items: readonly T[], pieces: number): (readonly T[])[] {
  return Array.from({ length: pieces }, (_, index) =>
    items.slice(
      Math.floor((index * items.length) / pieces),
      Math.floor(((index + 1) * items.length) / pieces),
    ),
  ).filter((part) => part.length > 0);
}
