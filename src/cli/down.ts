import { Command } from 'commander';
import { ChaosError } from '../base/errors.ts';
import { projectOf } from '../stack/docker/state.ts';
import {
  forgetStack,
  listStacks,
  removedText,
  removeLeftovers,
  removeStack,
  type StackEntry,
} from '../stack/remove.ts';

/** `down [STACK]` */
export function downCommand(): Command {
  return new Command('down')
    .description('end stacks: detached ones and what killed runs left behind, or the one that is named')
    .argument('[stack]', 'id of a stack, even if a run still uses it')
    .option(
      '--forget <stack>',
      'end this stack; where its engine or target is away for good, remove its folder alone',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  langfuse-chaos down\n  langfuse-chaos down 1f0c9a7b42\n  langfuse-chaos down --forget 1f0c9a7b42',
    )
    .action(async (id: string | undefined, { forget }: { readonly forget?: string }) => {
      if (id !== undefined && forget !== undefined) throw bothNamed(id, forget);
      if (forget !== undefined) await forgetOne(await stackOf(forget));
      else await endStacks(id === undefined ? undefined : await stackOf(id));
    });
}

const bothNamed = (id: string, forget: string) =>
  new ChaosError({
    code: 'E_USAGE',
    happened: `Stack ${id} was named, and with --forget stack ${forget}.`,
    expected: 'one stack, by itself or after --forget',
    remedy: 'end one after the other.',
  });

/** @throws ChaosError `E_NO_STACK` */
async function stackOf(id: string): Promise<StackEntry> {
  const stacks = await listStacks();
  const named = stacks.find((stack) => stack.id === id);
  if (named) return named;
  throw new ChaosError({
    code: 'E_NO_STACK',
    happened: `There is no stack ${id}.`,
    expected:
      stacks.length > 0 ? `one of ${stacks.map((stack) => stack.id).join(', ')}` : 'nothing: none is there',
    remedy: 'run `langfuse-chaos down` without an id to end what was left behind.',
  });
}

/** @param named undefined for those that were detached, and what killed runs left behind */
async function endStacks(named: StackEntry | undefined): Promise<void> {
  const wanted = named ? [named] : (await listStacks()).filter(({ detached }) => detached);
  const kept = new Map<string, unknown>();
  const removals = wanted.map(async (stack) => {
    try {
      await removeStack(stack.folder);
      return [stack];
    } catch (error) {
      kept.set(stack.id, error);
      return [];
    }
  });
  const ended = (await Promise.all(removals)).flat();
  if (!named) ended.push(...(await removeLeftovers((each, error) => kept.set(each, error))));
  for (const each of ended) console.log(sentence(removedText(each)));
  for (const each of kept.keys()) console.log(`Not ended, and its folder kept: stack ${each}.`);
  if (ended.length + kept.size === 0) console.log('There was nothing to end.');
  for (const stack of await listStacks()) if (!kept.has(stack.id)) console.log(leftText(stack));
  const [first] = kept.values();
  if (first) throw first;
}

/** What a stack is there for that was not asked to be ended. */
function leftText({ id, detached, byHand, ownerAlive }: StackEntry): string {
  if (detached) return `Still up: stack ${id}, which was detached; \`langfuse-chaos down\` ends it.`;
  if (!ownerAlive) return `Left behind by a killed run: stack ${id}; \`langfuse-chaos down\` ends it.`;
  if (byHand) return `Still up: stack ${id}, which a \`langfuse-chaos up\` that still runs ends on Ctrl-C.`;
  return `Still in use by a run: stack ${id}.`;
}

async function forgetOne(stack: StackEntry): Promise<void> {
  const { id, spec, folder } = stack;
  const why = await forgetStack(folder);
  if (!why) {
    console.log(sentence(removedText(stack)));
    return;
  }
  console.log(`Forgot stack ${id}: its folder is removed, and what was out of reach may be left.`);
  console.log(`  ${why.parts.happened}`);
  if (spec.kind === 'external') console.log(`  To be put right by hand: ${why.parts.expected}`);
  if (spec.kind === 'docker')
    console.log(
      `  Its containers, should they live on: docker ps -a --filter label=com.docker.compose.project=${projectOf(id)}`,
    );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
