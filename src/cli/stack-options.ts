import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { ChaosError } from '../base/errors.ts';
import {
  DEFAULT_SPEC,
  PIPELINES,
  type Pipeline,
  parseSpec,
  type StackSpec,
  specText,
} from '../stack/spec.ts';

/** What the options of {@link addStackOptions} hold. */
export interface StackFlags {
  readonly stack?: string;
  readonly langfuseDir?: string;
  readonly langfuse?: string;
  readonly pipeline?: Pipeline;
}

/**
 * Adds the options that say what is tested.
 *
 * @param starts whether the command brings up a stack for its own sake, which an external target, where all runs already, is not for
 */
export function addStackOptions(command: Command, starts = false): Command {
  const kinds = 'embedded (unless told), source:FOLDER of a built Langfuse';
  return command
    .option(
      '--stack <stack>',
      `${kinds}${starts ? ' or docker:VERSION' : ', docker:VERSION, or external:FILE'}`,
    )
    .option('--langfuse-dir <folder>', 'a built Langfuse checkout; the same as --stack source:FOLDER')
    .option('--langfuse <version>', 'version of the images; the same as --stack docker:VERSION')
    .addOption(new Option('--pipeline <pipeline>', 'which reference pipeline').choices(PIPELINES));
}

/**
 * What is tested, by the options of a command.
 *
 * @throws ChaosError `E_USAGE` when they contradict each other or name nothing
 */
export function specOf({ stack, langfuseDir, langfuse, pipeline }: StackFlags): StackSpec {
  const said = [
    ...(stack?.includes(':') ? [stack] : []),
    ...(langfuseDir === undefined ? [] : [`source:${langfuseDir}`]),
    ...(langfuse === undefined ? [] : [`docker:${langfuse}`]),
    ...(pipeline === undefined ? [] : [`embedded:${pipeline}`]),
  ].map((text) => parseSpec(text, (path) => resolve(path)));
  const [first, ...others] = said;
  const bare = stack === undefined || stack.includes(':') ? undefined : stack;
  const another = others.find((each) => specText(each) !== specText(first ?? each));
  if (another || (first && bare !== undefined && bare !== first.kind)) {
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `Two stacks are asked for: ${[...(bare ? [bare] : []), ...said.map(specText)].join(', ')}.`,
      expected: 'one of --stack, --langfuse-dir, --langfuse and --pipeline',
      remedy: 'leave out the others.',
    });
  }
  if (first) return first;
  return bare === undefined ? DEFAULT_SPEC : parseSpec(bare, (path) => resolve(path));
}

/** Adds the option that says what web and worker are replaced by. */
export function addUpgradeOption(command: Command): Command {
  return command.option(
    '--upgrade-to <stack>',
    'the version that scenarios such as upgrade replace web and worker by, as for --stack; of a reference pipeline the other one, unless told',
  );
}

/**
 * What web and worker are replaced by, by the option.
 *
 * @returns undefined where nothing can be meant
 * @throws ChaosError `E_USAGE` when it names nothing
 */
export function otherOf(
  spec: StackSpec,
  { upgradeTo }: { readonly upgradeTo?: string },
): StackSpec | undefined {
  if (upgradeTo !== undefined) return parseSpec(upgradeTo, (path) => resolve(path));
  // Both work on the same queue, objects and tables.
  if (spec.kind === 'embedded')
    return { kind: 'embedded', pipeline: spec.pipeline === 'safe' ? 'v3.36.0' : 'safe' };
  return undefined;
}

/** The words of a command line that ask for this stack; none for the default. */
export function stackWords(spec: StackSpec): string[] {
  if (spec.kind === 'embedded')
    return spec.pipeline === DEFAULT_SPEC.pipeline ? [] : ['--pipeline', spec.pipeline];
  return ['--stack', specText(spec)];
}

/**
 * The words of a command line that ask for the same traffic; none where an external target is among what is tested: its project holds what
 * this seed sent there, so the same is refused.
 */
export function seedWords(seed: string, ...tested: readonly StackSpec[]): string[] {
  return tested.some(({ kind }) => kind === 'external') ? [] : ['--seed', seed];
}
