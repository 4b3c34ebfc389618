import { z } from 'zod';
import { didYouMean } from '../base/did-you-mean.ts';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with a value, a line and its place for each mistake. Of a union, which zod answers with "Invalid input" alone,
 * come the mistakes of the branch that is meant: the one with the same kind, or with most of the keys that are there.
 */
export function mistakesOf(error: z.ZodError, value: unknown): string {
  const issues = error.issues
    .flatMap(explained)
    .map((issue) => withMissing(issue, value))
    .map((issue) => withMeant(issue, value));
  return z.prettifyError(new z.ZodError(issues));
}

/** The names of what a fault or a kind of odd traffic takes, in words. */
export function parametersText(schema: z.ZodType): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const names = Object.keys(properties);
  return names.length > 0 ? `parameters out of: ${names.join(', ')}` : 'no parameters';
}

/** "expected number, received undefined" does not say what a reader looks for: that a key is not there. */
function withMissing(issue: Issue, value: unknown): Issue {
  const key = issue.path.at(-1);
  // A rule of a schema's own says it in words of its own.
  if (key === undefined || issue.code === 'custom') return issue;
  if (issue.path.reduce(memberOf, value) !== undefined) return issue;
  const wanted = /expected .*?(?=, received|$)/i.exec(issue.message)?.[0].replace(/^E/, 'e');
  return { ...issue, message: `${String(key)} is missing${wanted ? `: ${wanted}` : ''}` };
}

/** What was probably meant, where a word is none of those that there are. */
function withMeant(issue: Issue, value: unknown): Issue {
  if (issue.code !== 'invalid_value') return issue;
  const word = issue.path.reduce(memberOf, value);
  const meant = typeof word === 'string' ? didYouMean(word, issue.values.map(String)) : '';
  return meant === '' ? issue : { ...issue, message: `${issue.message}.${meant}` };
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function explained(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const branches = issue.errors.map((issues) => issues.flatMap(explained));
  const inside = kindMistake(branches) ?? nearest(branches);
  return inside.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}

/** When no branch knows the value of the key that tells them apart: that value, and what it could be. */
function kindMistake(branches: readonly Issue[][]): Issue[] | undefined {
  const wrong = branches.map((issues) => issues.find(({ code }) => code === 'invalid_value'));
  const [first] = wrong;
  if (!first) return undefined;
  if (!wrong.every((issue) => issue && placeOf(issue) === placeOf(first))) return undefined;
  const values = wrong.flatMap((issue) => (issue?.code === 'invalid_value' ? issue.values : []));
  const options = [...new Set(values)].map((value) => JSON.stringify(value)).join('|');
  return [{ ...first, message: `Invalid option: expected one of ${options}` }];
}

/** The mistakes of the branch that has the fewest; to be of another kind is further off than any number of keys. */
function nearest(branches: readonly Issue[][]): Issue[] {
  const refusals = branches
    .flat()
    .filter(({ code }) => code === 'invalid_value')
    .map(placeOf);
  const tellsKinds = (issue: Issue) =>
    issue.code === 'invalid_value' && refusals.filter((place) => place === placeOf(issue)).length > 1;
  const distance = (issues: readonly Issue[]) =>
    issues.reduce((sum, issue) => {
      if (tellsKinds(issue)) return sum + 100;
      if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
      // A mistake inside of a key that is there speaks for the branch.
      return sum + (issue.path.length > 1 || issue.code === 'invalid_value' ? 0.1 : 1);
    }, 0);
  return branches.toSorted((a, b) => distance(a) - distance(b))[0] ?? [];
}

function placeOf(issue: Issue): string {
  return issue.path.join('.');
}
