import { z } from 'zod';
import { APP_PROCESSES, COMPONENTS, LINKS, type Link } from '../stack/stack.ts';

/** A link; `->` is taken for `→`, which not every keyboard has. */
export const linkSchema = z
  .string()
  .transform((text) => text.replace('->', '→'))
  .pipe(z.enum(LINKS as readonly [Link, ...Link[]]));

/** A process of the stack. */
export const componentSchema = z.enum(COMPONENTS);

/** One of the application's two processes. */
export const appProcessSchema = z.enum(APP_PROCESSES);

/** Which way a fault of a link works, in Toxiproxy's words. */
export const directionSchema = z
  .enum(['upstream', 'downstream'])
  .default('downstream')
  .describe('`upstream` hits what the process sends, `downstream` what it gets back; downstream by default');
