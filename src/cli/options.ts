/** Makes commander's parser of an option that may be repeated: its values in the order that they were given in. */
export function collect<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => T[] {
  return (text, before) => [...before, parse(text)];
}
