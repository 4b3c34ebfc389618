import { z } from 'zod';
import { didYouMean, nearNames } from '../base/did-you-mean.ts';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with a value, a line and its place for each mistake. Of a union, which zod answers with "Invalid input" alone,
 * come the mistakes of the branch that is meant: the one with the same kind, or with most of the keys that are there.
 */
export function mistakesOf(error: z.ZodError, value: unknown): string {
  return z.prettifyError(new z.ZodError(issuesOf(error, value)));
}

/** The mistakes of {@link mistakesOf} one by one, for those who show them in another form. */
export function issuesOf(error: z.ZodError, value: unknown): Issue[] {
  return error.issues
    .flatMap((issue) => explained(issue, value))
    .map((issue) => withMissing(issue, value))
    .map((issue) => withMeant(issue, value));
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
  if (valueAt(issue, value) !== undefined) return issue;
  const wanted = /expected .*?(?=, received|$)/i.exec(issue.message)?.[0].replace(/^E/, 'e');
  const [typed] = nearNames(String(key), keysOf(issue.path.slice(0, -1).reduce(memberOf, value)));
  const meant = typed === undefined ? '' : `. Is it "${typed}"?`;
  return { ...issue, message: `${String(key)} is missing${wanted ? `: ${wanted}` : ''}${meant}` };
}

/** What was probably meant, where a word is none of those that there are. */
function withMeant(issue: Issue, value: unknown): Issue {
  const options = issue.code === 'invalid_value' ? issue.values : optionsOf(issue);
  const word = valueAt(issue, value);
  const meant = typeof word === 'string' ? didYouMean(word, options.map(String)) : '';
  return meant === '' ? issue : { ...issue, message: `${issue.message}.${meant}` };
}

/** What the key that tells the branches of a union apart may be, where the schema says which key that is. */
function optionsOf(issue: Issue): readonly unknown[] {
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []) : [];
}

function valueAt({ path }: Issue, value: unknown): unknown {
  return path.reduce(memberOf, value);
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** @param value what the issue's path begins at */
function explained(issue: Issue, value: unknown): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const here = valueAt(issue, value);
  const branches = issue.errors.map((issues) => issues.flatMap((each) => explained(each, here)));
  const inside = kindMistake(branches) ?? untold(branches, here) ?? nearest(branches, here);
  return inside.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}

/** When no branch knows the value of the key that tells them apart: that value, and what it could be. */
function kindMistake(branches: readonly Issue[][]): Issue[] | undefined {
  const wrong = branches.map((issues) => issues.find(({ code }) => code === 'invalid_value'));
  const [first] = wrong;
  if (!first) return undefined;
  if (!wrong.every((issue) => issue && placeOf(issue) === placeOf(first))) return undefined;
  const values = [
    ...new Set(wrong.flatMap((issue) => (issue?.code === 'invalid_value' ? issue.values : []))),
  ];
  const options = values.map((value) => JSON.stringify(value)).join('|');
  return [{ ...first, values, message: `Invalid option: expected one of ${options}` } as Issue];
}

/** When no key that is there speaks for one of the branches: which keys each of them needs. */
function untold(branches: readonly Issue[][], value: unknown): Issue[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const missing = branches.map((issues) => missingKeys(issues, value));
  const strange = branches.map(strangeKeys);
  const differ = strange.some((keys) => keys.join() !== strange[0]?.join());
  const mistyped = missing.some((keys, index) =>
    keys.some((key) => nearNames(key, strange[index] ?? []).length > 0),
  );
  if (differ || mistyped || missing.some((keys) => keys.length === 0)) return undefined;
  const inAll = (key: string) => missing.every((keys) => keys.includes(key));
  const needs = missing.map((keys) =>
    keys
      .filter((key) => !inAll(key))
      .map((key) => `"${key}"`)
      .join(' and '),
  );
  const [first = []] = branches;
  return [
    ...first.filter(({ code, path }) => code === 'unrecognized_keys' || inAll(path.join('.'))),
    { code: 'custom', path: [], input: value, message: `needs ${[...new Set(needs)].join(', or ')}` },
  ];
}

/** The mistakes of the branch that has the fewest; to be of another kind is further off than any number of keys. */
function nearest(branches: readonly Issue[][], value: unknown): Issue[] {
  const refusals = branches
    .flat()
    .filter(({ code }) => code === 'invalid_value')
    .map(placeOf);
  const tellsKinds = (issue: Issue) =>
    issue.code === 'invalid_value' && refusals.filter((place) => place === placeOf(issue)).length > 1;
  const distance = (issues: readonly Issue[]) => {
    const strange = strangeKeys(issues);
    // A key that is missing and one that is mistyped are the same, and speak for the branch.
    const mistyped = missingKeys(issues, value).filter((key) => nearNames(key, strange).length > 0);
    return issues.reduce((sum, issue) => {
      if (tellsKinds(issue)) return sum + 100;
      if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
      // A mistake inside of a key that is there speaks for the branch.
      return sum + (issue.path.length > 1 || issue.code === 'invalid_value' ? 0.1 : 1);
    }, -2 * mistyped.length);
  };
  return branches.toSorted((a, b) => distance(a) - distance(b))[0] ?? [];
}

/** Keys that a branch wants and the value has not. */
function missingKeys(issues: readonly Issue[], value: unknown): string[] {
  return issues.flatMap(({ code, path: [key, ...rest] }) =>
    code === 'custom' || key === undefined || rest.length > 0 || memberOf(value, key) !== undefined
      ? []
      : [String(key)],
  );
}

/** Keys that the value has and a branch does not know. */
function strangeKeys(issues: readonly Issue[]): string[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
}

function placeOf(issue: Issue): string {
  return issue.path.join('.');
}
