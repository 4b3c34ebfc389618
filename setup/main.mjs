// Makes a checkout ready to run; `npm start` and `npm test` do this first. See docs/setup.md.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runSetUp } from './run.mjs';

// Ends at once: a name look-up that nobody answers would keep the process for half a minute.
process.exit(await runSetUp(dirname(dirname(fileURLToPath(import.meta.url)))));
