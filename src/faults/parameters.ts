import { z } from 'zod';
import { COMPONENTS, LINKS, type Link } from '../stack/stack.ts';

/** A link; `->` is taken for `→`, which not every keyboard has. */
export const linkSchema = z
  .string()
  .transform((text) => text.replace('->', '→'))
  .pipe(z.enum(LINKS as readonly [Link, ...Link[]]));

/** A process of the stack. */
export const componentSchema = z.enum(COMPONENTS);
