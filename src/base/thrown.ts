/**
 * The errors in what was thrown, the first to happen first. Where work fails and then what it used can't be let go of either, `using` throws
 * both as one `SuppressedError`, of which nothing tells what the first of them means.
 */
export function errorsOf(thrown: unknown): readonly [unknown, ...unknown[]] {
  if (!(thrown instanceof SuppressedError)) return [thrown];
  const [first, ...others] = errorsOf(thrown.suppressed);
  return [first, ...others, ...errorsOf(thrown.error)];
}
