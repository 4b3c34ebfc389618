import { removedText, removeLeftovers } from '../stack/remove.ts';

/** Ends the stacks that killed runs have left behind, and says so; also which it could not, since the engine of their containers is away. */
export async function cleanUp(): Promise<void> {
  const removed = await removeLeftovers((id, { parts }) =>
    console.error(`Kept stack ${id}, which a killed run had left behind: ${parts.happened}`),
  );
  for (const entry of removed)
    console.error(`A killed run had left something behind: ${removedText(entry)}.`);
}
