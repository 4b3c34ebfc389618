import { z } from 'zod';
import { COMPONENTS, type Dependency, type Link } from '../stack/stack.ts';

const PROCESSES = ['web', 'worker'] as const;
const DEPENDENCIES = [
  'clickhouse',
  'redis',
  'postgres',
  's3',
  'dns',
] as const satisfies readonly Dependency[];

/** All links, for schemas and messages. */
export const LINKS: readonly Link[] = PROCESSES.flatMap((from) =>
  DEPENDENCIES.map((to): Link => `${from}→${to}`),
);

/** A link; `->` is taken for `→`, which not every keyboard has. */
export const linkSchema = z
  .string()
  .transform((text) => text.replace('->', '→'))
  .pipe(z.enum(LINKS as readonly [Link, ...Link[]]));

/** A process of the stack. */
export const componentSchema = z.enum(COMPONENTS);

/** The two ends of a link. */
export function endsOf(link: Link): { from: (typeof PROCESSES)[number]; to: Dependency } {
  const [from, to] = link.split('→') as [(typeof PROCESSES)[number], Dependency];
  return { from, to };
}
