/** Where the border between what is survived and what is not lies, as far as it was looked for. */
export interface Border {
  /** The longest that was survived, in seconds; undefined when not even the shortest was. */
  readonly survived?: number;
  /** The shortest that was not survived; undefined when even the longest was. */
  readonly notSurvived?: number;
}

/**
 * Finds how long something may last, by bisection: first the longest, then the shortest, then the middle of what is left until
 * it is no wider than the precision. It takes for granted that what is not survived for some time is not survived for longer.
 *
 * @param survives whether a length, in seconds, is survived
 */
export async function bisect(
  range: { readonly shortest: number; readonly longest: number; readonly precision: number },
  survives: (seconds: number) => Promise<boolean>,
): Promise<Border> {
  let { shortest: good, longest: bad } = range;
  if (await survives(bad)) return { survived: bad };
  if (!(await survives(good))) return { notSurvived: good };
  while (bad - good > range.precision) {
    const middle = Math.round(((good + bad) / 2) * 10) / 10;
    if (middle <= good || middle >= bad) break;
    if (await survives(middle)) good = middle;
    else bad = middle;
  }
  return { survived: good, notSurvived: bad };
}
