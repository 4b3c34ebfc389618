import { Command } from 'commander';
import { ChaosError } from '../base/errors.ts';
import { listStacks, removedText, removeLeftovers, removeStack } from '../stack/remove.ts';

/** `down [STACK]` */
export function downCommand(): Command {
  return new Command('down')
    .description('end stacks: detached ones and what killed runs left behind, or the one that is named')
    .argument('[stack]', 'id of a stack, even if a run still uses it')
    .addHelpText('after', '\nExamples:\n  langfuse-chaos down\n  langfuse-chaos down 1f0c9a7b42')
    .action(async (id: string | undefined) => {
      const stacks = await listStacks();
      const named = stacks.filter((stack) => (id === undefined ? stack.detached : stack.id === id));
      if (id !== undefined && named.length === 0) {
        throw new ChaosError({
          code: 'E_NO_STACK',
          happened: `There is no stack ${id}.`,
          expected:
            stacks.length > 0
              ? `one of ${stacks.map((stack) => stack.id).join(', ')}`
              : 'nothing: none is there',
          remedy: 'run `langfuse-chaos down` without an id to end what was left behind.',
        });
      }
      const kept = new Map<string, unknown>();
      const removals = named.map(async (stack) => {
        try {
          await removeStack(stack.folder);
          return [stack];
        } catch (error) {
          kept.set(stack.id, error);
          return [];
        }
      });
      const ended = (await Promise.all(removals)).flat();
      if (id === undefined) ended.push(...(await removeLeftovers((each, error) => kept.set(each, error))));
      for (const each of ended) console.log(sentence(removedText(each)));
      for (const each of kept.keys()) console.log(`Not ended, and its folder kept: stack ${each}.`);
      if (ended.length + kept.size === 0) console.log('There was nothing to end.');
      for (const stack of await listStacks())
        if (!kept.has(stack.id)) console.log(`Still in use by a run: stack ${stack.id}.`);
      const [first] = kept.values();
      if (first) throw first;
    });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
