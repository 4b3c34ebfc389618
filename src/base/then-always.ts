/**
 * Does `work`, and `last` whatever became of it. Where both fail, what `work` threw is thrown: what then fails in `last` mostly
 * follows from it, and would hide it.
 */
export async function thenAlways<T>(work: () => Promise<T>, last: () => void | Promise<void>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    try {
      await last();
    } catch {
      // Said already by the first.
    }
    throw error;
  }
  await last();
  return result;
}
