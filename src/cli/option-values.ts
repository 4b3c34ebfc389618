import { InvalidArgumentError } from 'commander';

/** An option's value as a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** An option's value as a whole number above 0. */
export function wholePositive(text: string): number {
  const value = positive(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

/** An option's value as a list of words that are separated by commas. */
export function listOf(text: string): string[] {
  const words = text.split(',').map((word) => word.trim());
  if (words.includes('')) throw new InvalidArgumentError('It must be words separated by commas.');
  return words;
}

/** Stacks at a time; each takes about 1 GB of memory and a core while it starts. */
const MOST_JOBS = 16;

/** The value of `--jobs`. */
export function parseJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new InvalidArgumentError(
    `--jobs takes a whole number, not "${text}": from 1 to ${MOST_JOBS}, for each run has a whole stack.`,
  );
}

/** Makes commander's parser of an option that may be repeated: its values in the order that they were given in. */
export function collect<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => T[] {
  return (text, before) => [...before, parse(text)];
}

/** A fault's parameter as it is written on the command line, `NAME=VALUE`: a number where it looks like one, else text. */
export function parseParameter(text: string): [string, unknown] {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (equals < 1 || value === '')
    throw new InvalidArgumentError('It must be NAME=VALUE, for example ms=500.');
  return [name, Number.isNaN(Number(value)) ? value : Number(value)];
}
