import { removeLeftovers } from '../stack/remove.ts';

/** Ends the stacks that killed runs have left behind, and says so. */
export async function cleanUp(): Promise<void> {
  for (const id of await removeLeftovers()) {
    console.error(`Removed what a killed run had left behind: stack ${id}.`);
  }
}
