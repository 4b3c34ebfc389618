/** Reads three numbers, `1.2.3`, out of a text by a pattern whose first group is the version; undefined if it is not there. */
export function findVersion(text, pattern) {
  return pattern.exec(text)?.[1];
}

/** Negative, 0 or positive as version `a` is older than, the same as or newer than `b`; a missing number counts as 0. */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether `version` is one that the project runs with: at least `atLeast`, and older than `below` where that is given. */
export function fits(version, { atLeast, below }) {
  if (compareVersions(version, atLeast) < 0) return false;
  return below === undefined || compareVersions(version, below) < 0;
}

/** The wanted range in words: "2.12.0 or newer, below 3.0.0". */
export function describeRange({ atLeast, below }) {
  return below === undefined ? `${atLeast} or newer` : `${atLeast} or newer, below ${below}`;
}
