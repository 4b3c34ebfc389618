import { InvalidArgumentError } from 'commander';

/** A fault's parameter as it is written on the command line, `NAME=VALUE`: a number where it looks like one, else text. */
export function parseParameter(text: string): [string, unknown] {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (equals < 1 || value === '')
    throw new InvalidArgumentError('It must be NAME=VALUE, for example ms=500.');
  return [name, Number.isNaN(Number(value)) ? value : Number(value)];
}
